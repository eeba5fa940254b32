/** Things that are joined when they share a key, however long the chain of keys is. */
export interface Grouping {
  /** Adds a thing by its keys, one of each kind; undefined: none of that kind. Gives its number, counted from 0. */
  readonly add: (keys: ReadonlyArray<string | undefined>) => number
  /** The first thing of a thing's group, once all are added. */
  readonly groupOf: (thing: number) => number
  readonly count: () => number
}

/** Groups of things; keys of different kinds never meet. */
export const makeGrouping = (kinds: number): Grouping => {
  const owners = Array.from({ length: kinds }, () => new Map<string, number>())
  const parents: Array<number> = []
  let groups = 0
  const rootOf = (thing: number): number => {
    let root = thing
    while (parents[root]! !== root) root = parents[root] = parents[parents[root]!]!
    return root
  }
  return {
    add: (keys) => {
      const thing = parents.length
      parents.push(thing)
      groups++
      for (let kind = 0; kind < kinds; kind++) {
        const key = keys[kind]
        if (key === undefined) continue
        const owner = owners[kind]!.get(key)
        if (owner === undefined) {
          owners[kind]!.set(key, thing)
          continue
        }
        const [a, b] = [rootOf(owner), rootOf(thing)]
        if (a === b) continue
        groups--
        parents[Math.max(a, b)] = Math.min(a, b)
      }
      return thing
    },
    groupOf: rootOf,
    count: () => groups
  }
}
