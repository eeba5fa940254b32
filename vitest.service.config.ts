import { mergeConfig } from "vitest/config"
import quick from "./vitest.config.ts"

// The quick tests leave these out; the lists of both configurations would be joined.
const { exclude: _, include: __, ...test } = quick.test!

export default mergeConfig({ ...quick, test }, {
  test: { include: ["test/service/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 60_000 }
})
