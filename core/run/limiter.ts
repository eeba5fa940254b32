import * as Effect from "effect/Effect"

/** How one endpoint is paced. */
export interface LimiterOptions {
  /** Requests in flight at most. */
  readonly limit: number
  /** Requests in flight at the start. @default limit */
  readonly start?: number
}

/** Time as a limiter sees it. */
export interface LimiterTime {
  /** Milliseconds, of a clock that nobody can set. */
  readonly now: () => number
  /** Calls `then` once, after so many milliseconds. */
  readonly after: (millis: number, then: () => void) => void
}

/** What kept a run from having more in flight, as shares of its time. */
export interface LimiterFigures {
  readonly meanInFlight: number
  readonly peakInFlight: number
  /** The limit asked for. */
  readonly limit: number
  /** Where the window stands now: below `limit` after 429s. */
  readonly window: number
  readonly rateLimited: number
  /** Share of the time, in [0,1], in which the window was full. */
  readonly full: number
}

/**
 * A window of requests in flight that grows while it is used and shrinks on 429 alone.
 *
 * Slow start (one more for each clean answer) up to the first 429, then additive increase (one more for each window of
 * clean answers) and multiplicative decrease (halved, at most once for each window of requests).
 */
export interface Limiter {
  /** Waits for a place; false when `recall` ended the wait. A retry goes before new work. */
  readonly acquire: (options: { readonly retry: boolean; readonly by?: object }) => Effect.Effect<boolean>
  /** Ends the waits of one asker: they get no place. */
  readonly recall: (by: object) => void
  /**
   * Gives no place for so many milliseconds, and a little longer, so that not everyone who was told the same time comes
   * back at once.
   */
  readonly close: (millis: number) => void
  /** Gives the place back and says how the request ended. */
  readonly release: (ended: "clean" | "rate" | "other") => void
  readonly inFlight: () => number
  readonly figures: () => LimiterFigures
}

interface Waiting {
  readonly granted: (place: boolean) => void
  readonly by: object | undefined
}

/** How much longer than it was told an endpoint is left alone: up to a tenth, and never more than a second. */
const jitterOf = (millis: number): number => Math.random() * Math.min(millis / 10, 1_000)

export const makeLimiter = ({ limit, start = limit }: LimiterOptions, { after, now }: LimiterTime): Limiter => {
  const startedAt = now()
  let window = Math.max(1, Math.min(start, limit))
  let slowStart = true
  let inFlight = 0
  let peak = 0
  let cleanSinceGrowth = 0
  // How many of the requests that were in flight at the last decrease have yet to end.
  let beforeDecrease = 0
  let rateLimited = 0
  let lastChange = startedAt
  let area = 0
  let fullTime = 0
  // When places are given again; undefined while they are.
  let closedUntil: number | undefined
  const fresh: Array<Waiting> = []
  const retries: Array<Waiting> = []

  const account = () => {
    const at = now()
    const elapsed = Math.max(0, at - lastChange)
    area += inFlight * elapsed
    if (inFlight >= window) fullTime += elapsed
    lastChange = at
  }
  const enter = () => {
    inFlight++
    peak = Math.max(peak, inFlight)
  }
  const wake = () => {
    while (closedUntil === undefined && inFlight < window) {
      const next = retries.shift() ?? fresh.shift()
      if (next === undefined) return
      enter()
      next.granted(true)
    }
  }
  const open = () => {
    if (closedUntil === undefined) return
    const left = closedUntil - now()
    if (left > 0) return after(Math.ceil(left), open)
    account()
    closedUntil = undefined
    wake()
  }
  const grow = (used: boolean) => {
    if (!used || window >= limit) return
    if (slowStart) window++
    else if (++cleanSinceGrowth >= window) {
      window++
      cleanSinceGrowth = 0
    }
  }
  const shrink = () => {
    window = Math.max(1, Math.floor(window / 2))
    beforeDecrease = inFlight
    cleanSinceGrowth = 0
  }

  return {
    acquire: ({ by, retry }) =>
      Effect.callback<boolean>((resume) => {
        if (closedUntil === undefined && inFlight < window) {
          account()
          enter()
          return resume(Effect.succeed(true))
        }
        const queue = retry ? retries : fresh
        const waiting: Waiting = { granted: (place) => resume(Effect.succeed(place)), by }
        queue.push(waiting)
        return Effect.sync(() => {
          const index = queue.indexOf(waiting)
          if (index >= 0) queue.splice(index, 1)
        })
      }),
    recall: (by) => {
      for (const queue of [retries, fresh]) {
        const theirs = queue.filter((waiting) => waiting.by === by)
        if (theirs.length === 0) continue
        queue.splice(0, queue.length, ...queue.filter((waiting) => waiting.by !== by))
        for (const { granted } of theirs) granted(false)
      }
    },
    close: (millis) => {
      const until = now() + millis + jitterOf(millis)
      const wasOpen = closedUntil === undefined
      closedUntil = Math.max(closedUntil ?? until, until)
      if (wasOpen) after(Math.ceil(until - now()), open)
    },
    release: (ended) => {
      account()
      const used = inFlight >= window
      inFlight--
      // A burst of 429s that were all in flight together is one signal, not many.
      const known = beforeDecrease > 0
      if (known) beforeDecrease--
      if (ended === "clean") grow(used)
      if (ended === "rate") {
        rateLimited++
        slowStart = false
        if (!known) shrink()
      }
      wake()
    },
    inFlight: () => inFlight,
    figures: () => {
      account()
      const elapsed = Math.max(1, lastChange - startedAt)
      return {
        meanInFlight: area / elapsed,
        peakInFlight: peak,
        limit,
        window,
        rateLimited,
        full: fullTime / elapsed
      }
    }
  }
}
