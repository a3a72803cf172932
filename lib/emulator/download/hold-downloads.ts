import { shiftRun } from '../cluster/run.ts'
import { arriveUntil } from './arrive.ts'
import type { Cluster, Target, Task } from '../cluster/state.ts'

/** Later than anything that happens, so that a file does not arrive while its target is frozen. */
const HELD_MS = 1e13

/** Changes the times of all files that a target still has to fetch, except for links that are really fetched: these have no times yet. */
const shiftTasks = (cluster: Cluster, target: Target, isOpen: (ms: number) => boolean, byMs: number): void => {
  for (const { tasks, arriving } of cluster.downloads.values()) {
    const open = tasks.filter((task: Task) => task.target === target.id && task.endMs < Infinity && isOpen(task.endMs))
    for (const task of open) {
      if (isOpen(task.startMs)) task.startMs += byMs
      task.endMs += byMs
    }
    if (open.length > 0) arriving.sort((a, b) => b.endMs - a.endMs)
  }
}

/** A target freezes: the files that it has not fetched yet do not arrive. */
export const holdDownloads = (cluster: Cluster, target: Target, now: number): void => {
  arriveUntil(cluster, now)
  shiftTasks(cluster, target, (ms) => ms > now, HELD_MS)
}

/** A target continues after it was frozen for `byMs`, and so does its part of each download. */
export const resumeDownloads = (cluster: Cluster, target: Target, byMs: number): void => {
  const { frozenMs } = target
  for (const { job } of cluster.downloads.values())
    for (const run of job.runs) if (run.target === target) shiftRun(run, frozenMs, byMs)
  shiftTasks(cluster, target, (ms) => ms >= HELD_MS, byMs - HELD_MS)
}
