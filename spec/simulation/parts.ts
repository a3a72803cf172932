import type { Job } from '../../lib/emulator/cluster/state.ts'

// How many parts a job has, and whether a client can know that it has seen all of them.

const OF_ONE_TARGET: ReadonlySet<string> = new Set(['resilver', 'blob-download'])

/** Whether only one target ever has a part of the job. */
const isOfOneTarget = ({ kind }: Job): boolean => OF_ONE_TARGET.has(kind)

/** Whether a client can know that it has seen all parts: the job runs on one target, or on all targets of the map. */
export const areAllPartsMapped = (jobs: readonly Job[]): boolean =>
  jobs.every((job) => isOfOneTarget(job) || job.runs.length >= TARGETS_AT_START.get(job)!)

/** How many targets the map had when the job started. */
export const TARGETS_AT_START: WeakMap<Job, number> = new WeakMap<Job, number>()
