// `npm run test:python`: the Python package, with nothing but Python >= 3.9 (PYTHON, or python3) and pip.
import { checkPythonPackage } from "../python/package.ts"

await checkPythonPackage().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
