import { defineConfig } from "vitest/config"

const conditions = ["driftgate-source", "node", "import", "default"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["{core,plugins,benchmarks,reports,test,scripts,examples}/**/*.test.ts"],
    exclude: ["test/real/**", "test/service/**", "**/node_modules/**"],
    execArgv: ["--conditions=driftgate-source"],
    globalSetup: ["test/built-command.ts"],
    // No test leaves anything behind in its process, and a process a file costs a quarter of a second each.
    isolate: false,
    // Most of the time is spent in commands that tests start: two at once keep two cores busy.
    maxWorkers: 2,
    testTimeout: 60_000
  }
})
