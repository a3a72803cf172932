import type { JobInfo } from './job-info.ts'
import { isOpen } from './watched-jobs.ts'

/** How often a job that runs has a line without a change of its state, in milliseconds. */
export const STILL_MS = 30_000

/**
 * Chooses the jobs that deserve a line where nothing can be redrawn: those whose state or error has changed and, every
 * 30 s, those that still run.
 */
export function changes(): (jobs: readonly JobInfo[], nowMs: number) => readonly JobInfo[] {
  const lines = new Map<string, { readonly text: string; readonly atMs: number }>()
  return (jobs, nowMs) =>
    jobs.filter((job) => {
      const text = `${job.state} ${job.error ?? ''}`
      const before = lines.get(job.id)
      const isStill = isOpen(job) && before !== undefined && nowMs - before.atMs >= STILL_MS
      if (before?.text === text && !isStill) return false
      lines.set(job.id, { text, atMs: nowMs })
      return true
    })
}
