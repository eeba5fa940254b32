import { TargetError } from "../../plugin/contract.ts"

/** An engine that is to share a GPU. */
export interface Tenant {
  readonly label: string
  /** Bytes of its weights as they are computed with. */
  readonly weights: number
  /** A share in (0, 1] that was asked for. */
  readonly share?: number
}

// What is left to the driver, other programs and fragmentation.
const usable = 0.9
// Weights alone answer nothing: room for activations and a KV cache, as a share of the weights and in bytes.
const roomOf = (weights: number): number => weights * 1.15 + 1.5e9

/**
 * Shares of one GPU's memory for engines that are to run at once on it, in their order.
 *
 * Shares that were asked for stand. The others get what they need, and divide what is left evenly. Throws a `TargetError`
 * `out_of_memory` where they don't fit side by side. `memory` in bytes.
 */
export const memoryPlan = (tenants: ReadonlyArray<Tenant>, memory: number): ReadonlyArray<number> => {
  const asked = tenants.reduce((sum, { share = 0 }) => sum + share, 0)
  const open = tenants.filter(({ share }) => share === undefined)
  const needed = open.reduce((sum, { weights }) => sum + roomOf(weights) / memory, 0)
  const left = usable - asked - needed
  if (asked > 1 || (open.length > 0 && !(left >= 0))) {
    const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`
    throw new TargetError(
      "out_of_memory",
      `${
        tenants.map(({ label, weights }) => `${label} (${gib(weights)} of weights)`).join(", ")
      } do not fit one GPU of ${gib(memory)} together\n`
        + "  Give one of them another GPU with gpu=, or let them take turns: `driftgate run` for the model, then\n"
        + "  `driftgate rescore` with the judge."
    )
  }
  return tenants.map(({ share, weights }) =>
    share ?? Math.floor((roomOf(weights) / memory + left / open.length) * 100) / 100
  )
}
