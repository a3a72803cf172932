import type { FakeJob, World } from './fake-cluster.ts'

// A world of many jobs by id.

/** A job of a script, without its id. */
export type JobScript = Omit<FakeJob, 'id'>

/** Runs for ever. A job of a kind that idles never becomes idle. */
export const atWork: JobScript = { kind: 'copy-bck', workedMs: Infinity }

/** Finishes on all targets at one time. The Information Center learns of the end at once, or after the given delay. */
export const endsAt = (
  endMs: number,
  { kind = 'copy-bck', icMs }: { kind?: string; icMs?: number } = {},
): JobScript => ({
  kind,
  atMs: Math.min(0, endMs - 1_000),
  endMs,
  ...(icMs === undefined ? {} : { ic: { learnsMs: endMs + icMs } }),
})

const ALL = [0, 1, 2]

/** Fails with this text on all targets, or is aborted with it. */
export const failsAt = (endMs: number, err: string): JobScript => ({
  ...endsAt(endMs),
  errors: Object.fromEntries(ALL.map((n) => [n, err])),
})
/** A job that is aborted at this time. */
export const abortedAt = (endMs: number, text = 'user abort'): JobScript => ({
  kind: 'copy-bck',
  atMs: Math.min(0, endMs - 1_000),
  abort: { atMs: endMs, texts: ALL.map(() => text), lagMs: 0 },
})

/** A world with these jobs, by id. */
export const jobsWorld = (jobs: Readonly<Record<string, JobScript>>, more: Omit<World, 'jobs'> = {}): World => ({
  ...more,
  jobs: Object.entries(jobs).map(([id, life]) => ({ id, ...life })),
})
