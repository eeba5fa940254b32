import { globSync, readFileSync } from "node:fs"
import { dirname, join, relative, sep } from "node:path"
import { describe, expect, test } from "vitest"

const root = join(import.meta.dirname, "..")

/** Which rooms a room of core may import, beside itself. */
const arrows: Readonly<Record<string, ReadonlyArray<string>>> = {
  domain: [],
  stats: [],
  plugin: ["domain"],
  assets: ["plugin", "domain"],
  target: ["plugin", "domain"],
  run: ["assets", "target", "plugin", "domain"],
  gate: ["domain", "stats"],
  evaluate: ["run", "gate", "assets", "target", "plugin", "domain", "stats"],
  checkpoints: ["domain"],
  queue: ["evaluate", "checkpoints", "domain"],
  watch: ["queue", "checkpoints", "evaluate", "domain"],
  server: ["queue", "checkpoints", "evaluate", "domain"],
  fleet: ["evaluate", "domain"]
}
/** What plugins of the tree may import: what a stranger's plugin can. */
const publicParts = [
  "driftgate/plugin",
  "driftgate/stats",
  "driftgate/http",
  "driftgate/chat",
  "driftgate/engine",
  "driftgate/testkit"
]

const sources = globSync("{core,plugins,benchmarks,reports}/**/*.ts", { cwd: root }).map((file) =>
  file.split(sep).join("/")
).sort()
const isTest = (file: string): boolean => /\.(test|fixture)\.ts$/.test(file)
const shipped = sources.filter((file) => !isTest(file))

/** Module specifiers of a source: static imports and re-exports, dynamic imports, types by `import()`. */
const specifiersOf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/\bfrom\s*"([^"\n]+)"|\bimport\s*\(?\s*"([^"\n]+)"/g)].map(([, from, imported]) =>
    from ?? imported ?? ""
  )

const roomOf = (file: string): string | undefined => /^core\/([^/]+)\//.exec(file)?.[1]
const read = (file: string): string => readFileSync(join(root, file), "utf8")
const targetOf = (file: string, specifier: string): string =>
  relative(root, join(root, dirname(file), specifier)).split(sep).join("/")

describe("the specifiers of a source", () => {
  test("are found however they are imported", () => {
    const text =
      `import a from "a"\nimport { b,\n  c } from "b"\nimport "c"\nexport * from "d"\nimport("e")\ntype F = import("f").F\n`
    expect(specifiersOf(text)).toEqual(["a", "b", "c", "d", "e", "f"])
  })
})

test("there is something to look at", () => {
  expect(shipped.length).toBeGreaterThan(150)
  expect(new Set(shipped.map(roomOf))).toContain("domain")
})

describe.each(Object.keys(arrows))("core/%s", (room) => {
  test("imports only the rooms that it may", () => {
    const allowed = new Set([room, ...arrows[room]!])
    const wrong = shipped.filter((file) => roomOf(file) === room).flatMap((file) =>
      specifiersOf(read(file)).filter((specifier) => specifier.startsWith(".")).flatMap((specifier) => {
        const target = targetOf(file, specifier)
        const there = roomOf(target)
        // The manifest says which version of driftgate this is.
        if (target === "package.json") return []
        return there !== undefined && allowed.has(there) ? [] : [`${file} imports ${target}`]
      })
    )
    expect(wrong).toEqual([])
  })
})

test("core has no room that the arrows do not name", () => {
  const rooms = new Set(shipped.flatMap((file) => roomOf(file) ?? []))
  expect([...rooms].filter((room) => room !== "cli" && !(room in arrows))).toEqual([])
})

test("nothing in core imports a plugin, a report, a test or itself by its public name", () => {
  const wrong = shipped.filter((file) => file.startsWith("core/")).flatMap((file) =>
    specifiersOf(read(file))
      .filter((specifier) =>
        specifier.startsWith("driftgate/") ||
        (specifier.startsWith(".") && !/^(core\/|package\.json$)/.test(targetOf(file, specifier))) ||
        /\.(test|fixture)\.ts$/.test(specifier)
      )
      .map((specifier) => `${file} imports ${specifier}`)
  )
  expect(wrong).toEqual([])
})

test("only cli imports cli", () => {
  const wrong = shipped.filter((file) => roomOf(file) !== "cli").flatMap((file) =>
    specifiersOf(read(file)).filter((specifier) =>
      specifier.startsWith(".") && roomOf(targetOf(file, specifier)) === "cli"
    )
      .map((specifier) => `${file} imports ${specifier}`)
  )
  expect(wrong).toEqual([])
})

test("plugins of the tree import only what a stranger's plugin can", () => {
  const wrong = shipped.filter((file) => !file.startsWith("core/")).flatMap((file) =>
    specifiersOf(read(file)).filter((specifier) =>
      specifier.startsWith("driftgate/")
        ? !publicParts.includes(specifier)
        : specifier.startsWith(".") && targetOf(file, specifier).startsWith("core/")
    ).map((specifier) => `${file} imports ${specifier}`)
  )
  expect(wrong).toEqual([])
})

test("no file in core is longer than 350 lines", () => {
  const long = shipped.filter((file) => file.startsWith("core/") && !file.endsWith(".generated.ts"))
    .map((file) => [file, read(file).split("\n").length - 1] as const)
    .filter(([, lines]) => lines > 350)
  expect(long).toEqual([])
})

test("no file is named after what it is not: utils, helpers, common, manager", () => {
  expect(sources.filter((file) => /(^|[/.-])(utils?|helpers?|common|managers?)([/.-]|$)/i.test(file))).toEqual([])
})

test("core keeps effects at its edges: no clock, environment or console of its own", () => {
  // Adapters by their nature: the process itself, and what target plugins are given, which is plain asynchronous code.
  const isAdapter = (file: string) => file === "core/cli/main.ts" || file.startsWith("core/target/")
  const wrong = shipped.filter((file) => file.startsWith("core/") && !isAdapter(file)).flatMap((file) =>
    [...read(file).matchAll(/\b(Date\.now\(|process\.env\b|console\.(?:log|error|warn|info)\()/g)].map(([found]) =>
      `${file}: ${found}`
    )
  )
  expect(wrong).toEqual([])
})

test("every package that a source, a script or a test imports is one that package.json names", () => {
  const manifest = JSON.parse(read("package.json")) as Readonly<Record<string, Readonly<Record<string, string>>>>
  const named = new Set(
    ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"].flatMap((kind) =>
      Object.keys(manifest[kind] ?? {})
    )
  )
  const files = globSync(["{core,plugins,benchmarks,reports,scripts,test}/**/*.{ts,mjs}", "*.ts"], { cwd: root })
  const packageOf = (specifier: string): string =>
    specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/")
  const importing = /^(?:import|export)\b[^"'\n]*(?:\n[^"'\n]*)*?\bfrom\s*"([^"\n]+)"|^import\s*"([^"\n]+)"/gm
  const wrong = files.flatMap((file) =>
    [...read(file).matchAll(importing)].map(([, from, alone]) => from ?? alone!)
      .filter((specifier) => !/^(?:\.|node:|driftgate(?:\/|$))/.test(specifier) && !named.has(packageOf(specifier)))
      .map((specifier) => `${file} imports ${specifier}`)
  )
  expect(wrong).toEqual([])
})
