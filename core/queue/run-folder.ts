import { sha256 } from "../domain/digest.ts"

/** Name of a run's folder: what can be read of its id, and a digest that keeps apart what then looks alike. */
export const runFolder = (runId: string): string => {
  const readable = runId.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[.-]+/, "").slice(0, 60)
  return `${readable}-${sha256(runId).slice(0, 12)}`
}
