import type { Gate } from "./gate.ts"

// Of runs beyond these the order of turns is forgotten; a queue holds far fewer.
const remembered = 10_000

/** In which order waiting gates are taken: of the run that was served longest ago the newest. */
export const makeTurns = () => {
  const served = new Map<string, number>()
  let turn = 0
  const servedAt = ({ runId }: Gate) => served.get(runId) ?? 0
  return {
    /** The next of some waiting gates, and those that it stands for: older ones of its run that are not final. */
    choose: (
      waiting: ReadonlyArray<Gate>
    ): { readonly next: Gate; readonly older: ReadonlyArray<Gate> } | undefined => {
      const [first, ...rest] = waiting
      if (first === undefined) return undefined
      const next = rest.reduce(
        (a, b) => servedAt(a) !== servedAt(b) ? servedAt(a) < servedAt(b) ? a : b : a.seq > b.seq ? a : b,
        first
      )
      return {
        next,
        older: waiting.filter(({ final, runId, seq }) => runId === next.runId && seq < next.seq && !final)
      }
    },
    serve: ({ runId }: Gate): void => {
      served.delete(runId)
      served.set(runId, ++turn)
      if (served.size > remembered) served.delete(served.keys().next().value!)
    }
  }
}
