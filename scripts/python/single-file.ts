import { readFileSync } from "node:fs"
import path from "node:path"

/** Modules of the Python package that make the single file, each after those it needs. */
const modules = ["verdicts", "client", "records", "gate", "callback", "cli"]

const header =
  `"""driftgate's training gate in one file, for machines without packages: put it beside the training script.

    from driftgate_callback import DriftGateCallback

Standard library only, Python >= 3.9. Made from the package driftgate-trl, which holds the same code; don't edit.
"""

from __future__ import annotations
`

const footer = `
if __name__ == "__main__":
    raise SystemExit(main())
`

interface Parts {
  readonly imports: ReadonlyArray<string>
  readonly body: string
}

/** The imports and the rest of a module of ours; relative imports and the docstring go, what they name is in the file. */
const partsOf = (source: string): Parts => {
  const text = source
    .replace(/^"""[\s\S]*?"""\n/, "")
    .replace(/^from __future__ .*\n/m, "")
    .replace(/^from \.\w+ import (?:\([\s\S]*?\)|.*)\n/gm, "")
  const imports = text.match(/^(?:import|from) .*$/gm) ?? []
  return { imports, body: text.replace(/^(?:import|from) .*\n/gm, "").trim() }
}

/** `import` lines once each, and names from one module in one line. */
const joinImports = (lines: ReadonlyArray<string>): string => {
  const names = new Map<string, Set<string>>()
  for (
    const [, from, list] of lines.map((line) => /^from (\S+) import (.*)$/.exec(line)).filter((found) => found !== null)
  ) {
    const known = names.get(from!) ?? names.set(from!, new Set()).get(from!)!
    for (const name of list!.split(",")) known.add(name.trim())
  }
  const plain = [...new Set(lines.filter((line) => line.startsWith("import ")))].toSorted()
  return [
    ...plain,
    ...[...names].toSorted().map(([from, list]) => `from ${from} import ${[...list].toSorted().join(", ")}`)
  ]
    .join("\n")
}

/** The text of `python/driftgate_callback.py`: the package's modules joined, so that one file works alone. */
export const singleFile = (root: string): string => {
  const parts = modules.map((name) =>
    partsOf(readFileSync(path.join(root, "python", "src", "driftgate_trl", `${name}.py`), "utf8"))
  )
  return `${header}\n${joinImports(parts.flatMap(({ imports }) => imports))}\n\n\n${
    parts.map(({ body }) => body).join("\n\n\n")
  }\n\n${footer}`
}
