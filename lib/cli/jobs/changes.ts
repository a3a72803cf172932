import type { JobInfo } from './job-info.ts'
import { isOpen } from './watched-jobs.ts'

/** How often a running job is printed although its state has not changed, in milliseconds. */
export const STILL_MS = 30_000

/**
 * Chooses the jobs to print on output that cannot be redrawn: jobs whose state or error has changed and, every 30 s,
 * jobs that still run.
 */
export function changes(): (jobs: readonly JobInfo[], nowMs: number) => readonly JobInfo[] {
  const lines = new Map<string, { readonly text: string; readonly atMs: number }>()
  return (jobs, nowMs) =>
    jobs.filter((job) => {
      const text = `${job.state} ${job.error ?? ''}`
      const previous = lines.get(job.id)
      const isStill = isOpen(job) && previous !== undefined && nowMs - previous.atMs >= STILL_MS
      if (previous?.text === text && !isStill) return false
      lines.set(job.id, { text, atMs: nowMs })
      return true
    })
}
