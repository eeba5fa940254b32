/** Calls that are made in one turn of the event loop. */
const callsInATurn = 8

/**
 * Makes calls in the order in which they were handed over, a few in each turn of the event loop.
 *
 * For replies: a connection is written to again only after a turn. If all replies of a burst were worked on in one, the
 * requests that take their places would leave late and together, and come back as a burst.
 */
export const openTurns = (): (call: () => void) => void => {
  // Two lists, so that one is always let go of: a single one that never runs empty would keep every call.
  let coming: Array<() => void> = []
  let going: Array<() => void> = []
  let next = 0
  let awaited = false
  const turn = (): void => {
    for (let left = callsInATurn; left > 0; left--) {
      if (next === going.length) {
        going = coming
        coming = []
        next = 0
      }
      awaited = next < going.length
      if (!awaited) return
      going[next++]!()
    }
    setImmediate(turn)
  }
  return (call) => {
    coming.push(call)
    if (awaited) return
    awaited = true
    setImmediate(turn)
  }
}
