/** Lets work in as long as its weights together stay within a limit; one piece is always let in. */
export interface Turns {
  readonly take: <A>(weight: number, work: () => Promise<A>) => Promise<A>
}

/**
 * First come, first served. Prompt log-probabilities take memory of tokens times vocabulary at once, so the window of
 * scoring is counted in tokens.
 */
export const openTurns = (limit: number): Turns => {
  let taken = 0
  const waiting: Array<{ readonly weight: number; readonly enter: () => void }> = []
  const admit = (): void => {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      if (taken > 0 && taken + first.weight > limit) return
      waiting.shift()
      taken += first.weight
      first.enter()
    }
  }
  return {
    take: async (weight, work) => {
      await new Promise<void>((enter) => {
        waiting.push({ weight, enter })
        admit()
      })
      try {
        return await work()
      } finally {
        taken -= weight
        admit()
      }
    }
  }
}
