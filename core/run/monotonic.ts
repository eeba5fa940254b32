import type * as Clock from "effect/Clock"

/** Milliseconds of a clock that nobody can set, from an origin of its own: for waits and lengths of time, never for dates. */
export const monotonicMillis = (clock: Clock.Clock) => (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
