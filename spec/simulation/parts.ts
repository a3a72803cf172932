import type { Job } from '../../lib/emulator/cluster/state.ts'

const OF_ONE_TARGET: ReadonlySet<string> = new Set(['resilver', 'blob-download'])

const isOfOneTarget = ({ kind }: Job): boolean => OF_ONE_TARGET.has(kind)

/** Whether snapshots and the map can prove that these are all parts. */
export const mappedParts = (jobs: readonly Job[]): boolean =>
  jobs.every((job) => isOfOneTarget(job) || job.runs.length >= WHOLE.get(job)!)

/** How many targets the map had when the job started. */
export const WHOLE: WeakMap<Job, number> = new WeakMap<Job, number>()
