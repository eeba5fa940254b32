import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { monotonicMillis } from "./monotonic.ts"

/** Watches calls with one sweep instead of a timer each. */
export interface Deadlines {
  /** Calls `expire` when the time is up, unless what it returns is called before. */
  readonly watch: (expire: () => void) => () => void
}

const sweepMillis = 250

/** Deadlines `millis` after each call begins, met within a quarter of a second. Scoped. */
export const makeDeadlines = Effect.fnUntraced(function*(millis: number) {
  const now = monotonicMillis(yield* Clock.Clock)
  // Places that are taken again and again. A list or a set that calls come into and go from keeps what it held in memory
  // until the next full collection: V8 takes records that outlive their call for lasting, with all that they lead to.
  const expiring: Array<(() => void) | undefined> = []
  const ends: Array<number> = []
  const free: Array<number> = []
  const leave = (place: number) => {
    expiring[place] = undefined
    free.push(place)
  }
  const sweep = Effect.gen(function*() {
    while (true) {
      yield* Effect.sleep(sweepMillis)
      const at = now()
      for (let place = 0; place < expiring.length; place++) {
        const expire = expiring[place]
        if (expire === undefined || ends[place]! > at) continue
        leave(place)
        expire()
      }
    }
  })
  yield* Effect.forkScoped(sweep)
  return {
    watch: (expire) => {
      const place = free.pop() ?? expiring.length
      expiring[place] = expire
      ends[place] = now() + millis
      return () => {
        // Another call may have the place by now.
        if (expiring[place] === expire) leave(place)
      }
    }
  } satisfies Deadlines as Deadlines
})
