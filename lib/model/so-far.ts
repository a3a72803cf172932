import { isOver, type JobStatus } from '../codec/job-status.ts'
import type { Snapshots } from '../codec/snapshots.ts'
import { few, show } from '../common/text.ts'
import { isTerminal } from './snapshot.ts'

/** Why the end of a job was not certain, as a part of a message. Empty if nothing was known of the job. */
export function soFar(
  status: JobStatus | undefined,
  snapshots: Snapshots | undefined,
  missing: readonly string[] = [],
): string {
  const parts = Object.values(snapshots ?? {}).filter((snaps) => snaps.length > 0)
  const running = parts.filter((snaps) => !snaps.every(isTerminal)).length
  if (running > 0) return `the job had not ended on ${running} of ${targets(parts.length)}`
  if (missing.length > 0)
    return `the job has ended on ${targets(parts.length)}, but ${few(missing.map(show), ', ')} of the cluster map ${missing.length === 1 ? 'has' : 'have'} shown no part of it`
  return parts.length === 0 && status !== undefined
    ? `the Information Center lists the job as ${isOver(status) ? 'ended' : 'open'}, but no target has shown it`
    : ''
}

const targets = (count: number): string => `${count} ${count === 1 ? 'target' : 'targets'}`
