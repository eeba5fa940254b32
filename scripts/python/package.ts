// The Python package: its tests on the sources, on the single file and on the wheel, which is built here.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { must, run } from "../real/stage.ts"
import { singleFile } from "./single-file.ts"

const root = path.resolve(import.meta.dirname, "..", "..")
const source = path.join(root, "python")
const tests = path.join(source, "tests")

export interface Interpreter {
  readonly command: string
  /** Such as `3.11.7`. */
  readonly version: string
}

/** `PYTHON` or `python3`; throws for one that is older than the package allows. */
export const findInterpreter = async (): Promise<Interpreter> => {
  const command = process.env.PYTHON ?? "python3"
  const version = (await must(command, ["--version"])).replace("Python ", "").trim()
  const [major = 0, minor = 0] = version.split(".").map(Number)
  if (major !== 3 || minor < 9) throw new Error(`${command} is Python ${version}; 3.9 or newer is needed (PYTHON=...)`)
  return { command, version }
}

const check = async (what: string, work: () => Promise<string>): Promise<void> => {
  const began = performance.now()
  const found = await work()
  console.log(`ok  ${what}: ${found} (${((performance.now() - began) / 1000).toFixed(0)} s)`)
}

const suite = async (command: string, paths: ReadonlyArray<string>, subject: string): Promise<string> => {
  const { code, output } = await run(command, ["-m", "unittest", "discover", "-s", tests], {
    cwd: tmpdir(),
    env: {
      PYTHONPATH: [...paths, tests].join(path.delimiter),
      PYTHONDONTWRITEBYTECODE: "1",
      DRIFTGATE_TEST_SUBJECT: subject
    }
  })
  const count = /^Ran (\d+) tests?/m.exec(output)?.[1]
  // A suite that finds nothing passes.
  if (code !== 0 || count === undefined || Number(count) < 50) throw new Error(`Python tests failed:\n${output}`)
  const skipped = /skipped=(\d+)/.exec(output)?.[1]
  return `${count} tests${skipped === undefined ? "" : `, ${skipped} skipped`}`
}

/** Builds the wheel outside the checkout, since building leaves files beside the sources. */
const buildWheel = async (command: string, folder: string): Promise<string> => {
  const copy = path.join(folder, "source")
  cpSync(source, copy, { recursive: true, filter: (name) => !/__pycache__|\.egg-info|\/build$/.test(name) })
  const wheels = path.join(folder, "wheels")
  await must(command, ["-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps", "-w", wheels, copy])
  const names = readdirSync(wheels)
  if (names.length !== 1 || !names[0]!.endsWith("-py3-none-any.whl")) {
    throw new Error(`expected one pure wheel: ${names}`)
  }
  return path.join(wheels, names[0]!)
}

/** What the package promises of itself once it is installed in an environment where nothing else is. */
const checkInstalled = async (python: string): Promise<void> => {
  const told = await must(python, [
    "-c",
    `
import importlib.metadata as metadata, os, sys
package = metadata.distribution("driftgate-trl")
assert not package.requires, package.requires
points = {(point.group, point.value) for point in package.entry_points}
assert ("verl.plugins", "driftgate_trl.verl") in points, points
import driftgate_trl
assert driftgate_trl.__version__ == package.version
assert os.path.exists(os.path.join(os.path.dirname(driftgate_trl.__file__), "py.typed"))
assert "site-packages" in driftgate_trl.__file__
print(package.version)
`
  ], { env: { PYTHONPATH: "" } })
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { readonly version: string }
  if (told.trim() !== version) throw new Error(`the wheel is of version ${told.trim()}, package.json of ${version}`)
  // Nobody listens there.
  const away = await run(python, ["-m", "driftgate_trl", "check", "--url", "http://127.0.0.1:9"])
  if (away.code !== 4) throw new Error(`without a service, check ends with ${away.code}:\n${away.output}`)
}

/** All of it; throws at the first thing that does not hold. */
export const checkPythonPackage = async (): Promise<void> => {
  const { command, version } = await findInterpreter()
  const folder = mkdtempSync(path.join(tmpdir(), "driftgate-python-"))
  try {
    const file = path.join(source, "driftgate_callback.py")
    if (readFileSync(file, "utf8") !== singleFile(root)) {
      throw new Error(`${file} is not what the package gives: run \`node scripts/generate.ts\``)
    }
    await check(`Python ${version}, sources`, () => suite(command, [path.join(source, "src")], "driftgate_trl"))
    await check(`Python ${version}, single file`, () => {
      const alone = path.join(folder, "alone")
      mkdirSync(alone)
      cpSync(file, path.join(alone, "driftgate_callback.py"))
      return suite(command, [alone], "driftgate_callback")
    })
    await check("wheel in an empty environment", async () => {
      const wheel = await buildWheel(command, folder)
      const environment = path.join(folder, "environment")
      await must(command, ["-m", "venv", environment])
      const python = path.join(environment, "bin", "python")
      const install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-index", "--no-deps", wheel]
      await must(python, install)
      await checkInstalled(python)
      return path.basename(wheel)
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
