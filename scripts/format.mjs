// Formats the sources, or only the files that are named: `npm run format` writes, `--check` lists what would change.
import { createFromBuffer } from "@dprint/formatter"
import { getPath } from "@dprint/typescript"
import { globSync, readFileSync, writeFileSync } from "node:fs"

const check = process.argv.includes("--check")
const formatter = createFromBuffer(readFileSync(getPath()))
formatter.setConfig({ lineWidth: 120, indentWidth: 2 }, {
  semiColons: "asi",
  quoteStyle: "alwaysDouble",
  trailingCommas: "never",
  operatorPosition: "maintain",
  "arrowFunction.useParentheses": "force"
})
const named = process.argv.slice(2).filter((argument) => !argument.startsWith("--"))
const files = named.length > 0 ?
  named :
  globSync("{core,plugins,benchmarks,reports,test,scripts,examples,demo}/**/*.{ts,mjs}", {
    exclude: (name) => name.includes("node_modules")
  })
const changed = files.filter((filePath) => {
  const fileText = readFileSync(filePath, "utf8")
  const formatted = formatter.formatText({ filePath, fileText })
  if (formatted !== fileText && !check) writeFileSync(filePath, formatted)
  return formatted !== fileText
})
for (const file of changed) console.log(`${check ? "not formatted" : "formatted"}: ${file}`)
process.exitCode = check && changed.length > 0 ? 1 : 0
