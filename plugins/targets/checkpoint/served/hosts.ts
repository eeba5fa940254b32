import type { Host } from "./host.ts"

/** An engine and who uses it. */
interface Place {
  readonly host: Host
  users: number
  timer: NodeJS.Timeout | undefined
}

/** The engines of this process, so that a next evaluation can use one that was kept. */
const places = new Set<Place>()

/** The use of an engine; every user gives it back once. */
export interface Lease {
  readonly host: Host
  /** Stops the engine when nobody uses it and it is not to be kept for `keepSeconds`. */
  readonly release: (keepSeconds: number) => Promise<void>
}

const lease = (place: Place): Lease => {
  place.users++
  clearTimeout(place.timer)
  place.timer = undefined
  place.host.hold(true)
  let released = false
  return {
    host: place.host,
    release: async (keepSeconds) => {
      if (released) return
      released = true
      if (--place.users > 0) return
      if (keepSeconds > 0 && !place.host.isOver()) {
        place.timer = setTimeout(() => void discard(place), keepSeconds * 1000)
        place.timer.unref()
        place.host.hold(false)
        return
      }
      await discard(place)
    }
  }
}

const discard = async (place: Place): Promise<void> => {
  places.delete(place)
  clearTimeout(place.timer)
  await place.host.close()
}

/** An engine that serves these weights already. */
export const findHost = (kind: string, weights: string): Lease | undefined => {
  const found = [...places].find(({ host }) => host.kind === kind && host.weights() === weights && !host.isOver())
  return found === undefined ? undefined : lease(found)
}

/** An engine of this kind that nobody uses, which may be given other weights. */
export const idleHost = (kind: string): Lease | undefined => {
  const found = [...places].find(({ host, users }) => host.kind === kind && users === 0 && !host.isOver())
  return found === undefined ? undefined : lease(found)
}

/** Takes a new engine in. */
export const addHost = (host: Host): Lease => {
  const place: Place = { host, users: 0, timer: undefined }
  places.add(place)
  return lease(place)
}

/** Stops every engine that nobody uses, to make room. */
export const stopIdle = (): Promise<unknown> => Promise.all([...places].filter(({ users }) => users === 0).map(discard))
