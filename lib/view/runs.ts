/**
 * Something for each run, by its id: an immutable map, since a view is a value.
 *
 * A copy of one Map of 10,000 entries for each of 10,000 ends would cost more than all requests together. The entries
 * are therefore spread over buckets, and a change copies the buckets that it touches.
 */
export type Runs<A> = readonly ReadonlyMap<string, A>[]

const BUCKETS = 256
const EMPTY: ReadonlyMap<string, never> = new Map<string, never>()

export const NO_RUNS: Runs<never> = Object.freeze(Array.from({ length: BUCKETS }, () => EMPTY))

function bucketOf(id: string): number {
  let hash = 0
  for (let i = 0; i < id.length; i++) hash = (hash * 31 + id.charCodeAt(i)) | 0
  return (hash ^ (hash >>> 8)) & (BUCKETS - 1)
}

export function getRun<A>(runs: Runs<A>, id: string): A | undefined {
  return runs[bucketOf(id)]?.get(id)
}

/** The same runs with some set, or removed where the value is undefined. */
export function withRuns<A>(runs: Runs<A>, changes: ReadonlyMap<string, A | undefined>): Runs<A> {
  if (changes.size === 0) return runs
  const next = runs.slice()
  const copies = new Map<number, Map<string, A>>()
  for (const [id, run] of changes) {
    const bucket = bucketOf(id)
    let copy = copies.get(bucket)
    if (copy === undefined) {
      copy = new Map(runs[bucket])
      copies.set(bucket, copy)
      next[bucket] = copy
    }
    if (run === undefined) copy.delete(id)
    else copy.set(id, run)
  }
  return next
}

export function* allRuns<A>(runs: Runs<A>): Generator<A> {
  for (const bucket of runs) if (bucket.size > 0) yield* bucket.values()
}
