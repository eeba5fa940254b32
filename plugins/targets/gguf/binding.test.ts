import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { describe, expect, it } from "vitest"
import { findBinding, installLines } from "./binding.ts"

const emptyFolder = () => mkdtempSync(join(tmpdir(), "driftgate-binding-"))

/** A folder with a node-llama-cpp of some release whose entry only says that it was imported. */
const installed = (version: string): string => {
  const folder = emptyFolder()
  const home = join(folder, "node_modules", "node-llama-cpp")
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, "entry.js"), `export const getLlama = () => "${version}"\n`)
  const manifest = { name: "node-llama-cpp", version, type: "module", exports: { ".": { import: "./entry.js" } } }
  writeFileSync(join(home, "package.json"), JSON.stringify(manifest))
  return folder
}

const fileIn = (folder: string) => pathToFileURL(join(folder, "node_modules", "driftgate", "index.js")).href
const nowhere = { beside: fileIn(emptyFolder()), workingDirectory: emptyFolder(), folder: undefined }

describe("finding node-llama-cpp", () => {
  it("finds it beside driftgate", async () => {
    const found = await findBinding({ ...nowhere, beside: fileIn(installed("3.22.1")) })
    expect(found.version).toBe("3.22.1")
    expect(found.binding.getLlama).toBeTypeOf("function")
  })

  it("finds it in the working directory", async () => {
    expect((await findBinding({ ...nowhere, workingDirectory: installed("3.30.0") })).version).toBe("3.30.0")
  })

  it("takes the folder that the environment names before any other", async () => {
    const found = await findBinding({
      beside: fileIn(installed("3.22.1")),
      workingDirectory: installed("3.22.2"),
      folder: installed("3.23.0")
    })
    expect(found.version).toBe("3.23.0")
  })

  it("takes the package's own folder in the environment as well", async () => {
    const folder = join(installed("3.22.1"), "node_modules", "node-llama-cpp")
    expect((await findBinding({ ...nowhere, folder })).version).toBe("3.22.1")
  })

  it("says how to install it where it is missing", async () => {
    await expect(findBinding(nowhere)).rejects.toMatchObject({
      name: "TargetError",
      reason: "engine_dead",
      retryable: false,
      message: expect.stringContaining("node-llama-cpp@3.22.1")
    })
  })

  it("does not look elsewhere when the environment names a folder without it", async () => {
    const places = { beside: fileIn(installed("3.22.1")), workingDirectory: emptyFolder(), folder: emptyFolder() }
    await expect(findBinding(places)).rejects.toMatchObject({ message: expect.stringContaining(places.folder) })
  })

  it("takes a manifest that was cut off for one that is missing", async () => {
    const folder = installed("3.22.1")
    const home = join(folder, "node_modules", "node-llama-cpp")
    writeFileSync(join(home, "package.json"), "{\"name\": \"node-llama-cpp\", \"vers")
    for (const place of [folder, home]) {
      await expect(findBinding({ ...nowhere, folder: place })).rejects.toMatchObject({
        reason: "engine_dead",
        message: expect.stringContaining("Install it")
      })
    }
  })

  // The peer range in package.json is ^3.22.1.
  it.each(["3.22.0", "3.9.9", "4.0.0", "2.30.0"])("refuses release %s", async (version) => {
    await expect(findBinding({ ...nowhere, workingDirectory: installed(version) })).rejects.toMatchObject({
      reason: "engine_dead",
      message: expect.stringContaining(version)
    })
  })
})

describe("the install lines", () => {
  it("install into a folder of their own, since leaving optional packages out would prune a project's", () => {
    for (const [platform, arch] of [["linux", "x64"], ["darwin", "arm64"], ["win32", "x64"]] as const) {
      expect(installLines(platform, arch)).toMatch(/^npm install --prefix "[^"]+" /)
    }
  })

  it("name the package of the platform, exactly pinned", () => {
    expect(installLines("linux", "arm64")).toContain(
      "--omit=optional node-llama-cpp@3.22.1 @node-llama-cpp/linux-arm64@3.22.1"
    )
    expect(installLines("darwin", "x64")).toContain("@node-llama-cpp/mac-x64@3.22.1")
  })

  it("leave the choice to npm where there is no package for the CPU alone", () => {
    expect(installLines("darwin", "arm64")).not.toContain("--omit=optional")
  })
})
