import * as Effect from "effect/Effect"
import type { Desk, NotTaken, Request } from "./desk.ts"
import type { Outcome } from "./outcome.ts"

export interface Patience {
  /** How long a verdict may take, from the request on. */
  readonly verdictMillis: number
  /** How long whoever judges may be away, or not take a request, before that is the outcome. */
  readonly outageMillis: number
}

const pauseMillis = 500

const said = (word: Outcome["word"], reason: string): Outcome => ({ word, reasons: [reason] })

/** Repeats until it succeeds, is rejected, or has not been done for `outageMillis`. */
const insist = <A>(work: Effect.Effect<A, NotTaken>, { outageMillis }: Patience) =>
  Effect.suspend(() => {
    let last: NotTaken | undefined
    const again: Effect.Effect<A, NotTaken> = Effect.catch(work, (problem) => {
      last = problem
      return problem.kind === "rejected"
        ? Effect.fail(problem)
        : Effect.andThen(Effect.sleep(pauseMillis), Effect.suspend(() => again))
    })
    return again.pipe(
      Effect.timeoutOption(outageMillis),
      Effect.map((done) => done._tag === "Some" ? { done: done.value } : { lost: last }),
      Effect.catch((problem) => Effect.succeed({ rejected: problem }))
    )
  })

/** Hands in one checkpoint and waits for what comes of it. Never fails: an outage is an outcome, and never a pass. */
export const judge = Effect.fn("Watch.judge")(
  function*(desk: Desk, request: Request, patience: Patience, taken: (gate: string) => void) {
    const submitted = yield* insist(desk.submit(request), patience)
    if ("rejected" in submitted) return said("rejected", submitted.rejected.reason)
    if ("lost" in submitted) {
      return said("unreachable", submitted.lost?.reason ?? `no answer for ${patience.outageMillis / 1000} s`)
    }
    const gate = submitted.done
    taken(gate)
    const seconds = Math.min(20, Math.ceil(patience.outageMillis / 1000))
    while (true) {
      const waited = yield* insist(desk.wait(gate, seconds), {
        ...patience,
        // A poll may take its time, and is no outage.
        outageMillis: patience.outageMillis + seconds * 1000
      })
      if ("rejected" in waited) return { ...said("failed", waited.rejected.reason), gate }
      if ("lost" in waited) return { ...said("unreachable", waited.lost?.reason ?? "no answer"), gate }
      if (waited.done !== undefined) return { ...waited.done, gate }
    }
  },
  (work, _desk, _request, { verdictMillis }) =>
    Effect.timeoutOrElse(work, {
      duration: verdictMillis,
      orElse: () => Effect.succeed(said("timeout", `no verdict in ${verdictMillis / 1000} s`))
    })
)
