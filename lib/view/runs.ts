/**
 * Something for each run, by its id: an immutable map, since a view is a value.
 *
 * A copy of one Map of 10,000 entries for each of 10,000 ends would cost more than all requests together. The entries
 * are therefore spread over buckets, the buckets over groups, and a change copies the groups and buckets that it touches.
 */
export type Runs<A> = readonly (readonly ReadonlyMap<string, A>[])[]

/** So many groups of so many buckets. */
const WIDTH = 16
const EMPTY: ReadonlyMap<string, never> = new Map<string, never>()
const EMPTY_GROUP: readonly ReadonlyMap<string, never>[] = Object.freeze(Array.from({ length: WIDTH }, () => EMPTY))

export const NO_RUNS: Runs<never> = Object.freeze(Array.from({ length: WIDTH }, () => EMPTY_GROUP))

function bucketOf(id: string): number {
  let hash = 0
  for (let i = 0; i < id.length; i++) hash = (hash * 31 + id.charCodeAt(i)) | 0
  return (hash ^ (hash >>> 8)) & (WIDTH * WIDTH - 1)
}

export function getRun<A>(runs: Runs<A>, id: string): A | undefined {
  const bucket = bucketOf(id)
  return runs[Math.floor(bucket / WIDTH)]?.[bucket % WIDTH]?.get(id)
}

/** The same runs with some set, or removed where the value is undefined. */
export function withRuns<A>(runs: Runs<A>, changes: ReadonlyMap<string, A | undefined>): Runs<A> {
  if (changes.size === 0) return runs
  const next = runs.slice()
  const groups = new Map<number, ReadonlyMap<string, A>[]>()
  const copies = new Map<number, Map<string, A>>()
  for (const [id, run] of changes) {
    const bucket = bucketOf(id)
    let copy = copies.get(bucket)
    if (copy === undefined) {
      const at = Math.floor(bucket / WIDTH)
      let group = groups.get(at)
      if (group === undefined) {
        group = [...(next[at] ?? EMPTY_GROUP)]
        groups.set(at, group)
        next[at] = group
      }
      copy = new Map(group[bucket % WIDTH])
      copies.set(bucket, copy)
      group[bucket % WIDTH] = copy
    }
    if (run === undefined) copy.delete(id)
    else copy.set(id, run)
  }
  return next
}

export function* allRuns<A>(runs: Runs<A>): Generator<A> {
  for (const group of runs) {
    if (group === EMPTY_GROUP) continue
    for (const bucket of group) if (bucket.size > 0) yield* bucket.values()
  }
}
