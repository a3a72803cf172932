import { ownerOf } from './owner.ts'
import { hasEnded, visited } from './run.ts'
import type { Batch, Cluster, Run, Work } from './state.ts'

/** The names that each target works on: the names of the objects that it holds. */
export const byOwner = (
  { names, uri }: Work,
  targets: readonly { readonly id: string }[],
): ReadonlyMap<string, readonly string[]> => {
  const owned = new Map<string, string[]>(targets.map(({ id }) => [id, []]))
  for (const name of names) {
    const owner = ownerOf(targets, `${uri}/${name}`)
    if (owner) owned.get(owner.id)?.push(name)
  }
  return owned
}

/** Gives a run its part of a work, which it begins after `from` objects. */
export const giveWork = (cluster: Cluster, run: Run, names: readonly string[], work: Work, from: number): void => {
  run.work ??= { batches: [], objects: 0, bytes: 0, archives: 0, errors: [] }
  run.work.batches.push({ from, names, of: work, done: 0 })
  if (names.length > 0) cluster.acting.add(run)
}

/** Acts on the next object of a batch, and counts the outcome. */
const actOn = (run: Run, batch: Batch, now: number): void => {
  const { of: work, names } = batch
  const outcome = work.act(names[batch.done++] ?? '', run, now)
  if (run.work) {
    run.work.objects += outcome.objects
    run.work.bytes += outcome.bytes
    if (outcome.error !== undefined) run.work.errors.push(outcome.error)
  }
  if (--work.remaining === 0) work.finish?.(run, now)
}

/** Acts on the objects that a run has visited until `now`. Returns whether the run will visit more. */
const actUntil = (run: Run, now: number): boolean => {
  if (run.lost || !run.work) return false
  const seen = visited(run, now)
  let isDone = true
  for (const batch of run.work.batches) {
    while (batch.done < batch.names.length && batch.from + batch.done < seen) actOn(run, batch, now)
    if (batch.done < batch.names.length) isDone = false
  }
  return !isDone && !hasEnded(run, now)
}

/** Acts on the objects that all runs have visited until `now`. */
export const actOnObjects = (cluster: Cluster, now: number): void => {
  for (const run of cluster.acting) if (!actUntil(run, now)) cluster.acting.delete(run)
}

/** The error of a run that works on objects, as snapshots show it: the first one and the number of others. */
export const errorOf = ({ work }: Run): string => {
  const [first = '', ...others] = work?.errors ?? []
  if (others.length === 0) return first
  return `${first} (and ${others.length} more error${others.length === 1 ? '' : 's'})`
}
