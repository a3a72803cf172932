import { nanoseconds } from '../cluster/instant.ts'
import { endsAtMs, hasEnded, isAborted } from '../cluster/run.ts'
import { timeText } from '../cluster/time-text.ts'
import type { Cluster, Download, Run, Task } from '../cluster/state.ts'

/** The zero time of the download API. Snapshots use a different one. */
const NEVER = '1970-01-01T00:00:00Z'

/** The parts of a download that the targets in the cluster map remember. */
export const partsOf = ({ job, forgottenBy }: Download): readonly Run[] =>
  job.runs.filter(({ target }) => target.inMap && !forgottenBy.has(target.id))

/** Whether every target that remembers the download has ended its part. */
export const isOver = (download: Download, now: number): boolean => partsOf(download).every((run) => hasEnded(run, now))

/** The files of a download on the targets that remember it: all, those that have ended, and those being fetched. */
interface Counted {
  readonly all: readonly Task[]
  readonly ended: readonly Task[]
  readonly current: readonly Task[]
}

const countedOf = (download: Download, now: number): Counted => {
  const runs = new Map(partsOf(download).map((run) => [run.target.id, run]))
  const all = download.tasks.filter(({ target }) => runs.has(target))
  const untilMs = ({ target }: Task): number => Math.min(now, runs.get(target)?.abortMs ?? Infinity)
  return {
    all,
    ended: all.filter((task) => task.endMs <= untilMs(task)),
    current: all.filter((task) => task.startMs <= now && task.endMs > now && untilMs(task) === now),
  }
}

/** The record of a download: sums over the targets that remember it. */
export const recordOf = (cluster: Cluster, download: Download, now: number): object => {
  const { job, jobOnTargets, type, description } = download
  const parts = partsOf(download)
  const { all, ended } = countedOf(download, now)
  const failed = ended.filter(({ error }) => error !== '').length
  const skipped = ended.filter((task) => task.skipped).length
  const endMs = isOver(download, now) ? Math.max(...parts.map(endsAtMs)) : undefined
  return {
    id: job.id,
    xaction_id: jobOnTargets,
    description,
    started_time: timeText(nanoseconds(cluster, job.startMs)),
    finished_time: endMs === undefined ? NEVER : timeText(nanoseconds(cluster, endMs)),
    finished_cnt: ended.length - failed,
    scheduled_cnt: all.length,
    skipped_cnt: skipped,
    error_cnt: failed,
    // A target does not know how many objects a remote bucket has, and reports -1.
    total: type === 'backend' ? -parts.length : all.length,
    all_dispatched: true,
    aborted: parts.some((run) => isAborted(run, now)),
  }
}

/** The files of a download, which only its full record has. Failed files are among the finished ones. */
export const tasksOf = (cluster: Cluster, download: Download, now: number): object => {
  const { ended } = countedOf(download, now)
  const errors = ended.filter(({ error }) => error !== '').sort((a, b) => (a.name < b.name ? -1 : 1))
  // A file that is skipped never becomes a task of a target.
  const tasks = ended.filter((task) => !task.skipped)
  const finished = tasks.map(({ name, error, bytes, startMs, endMs }) => ({
    name,
    ...(error === '' ? { downloaded: String(bytes), total: String(bytes) } : { downloaded: '0' }),
    start_time: timeText(nanoseconds(cluster, startMs)),
    end_time: timeText(nanoseconds(cluster, endMs)),
  }))
  return {
    ...(finished.length === 0 ? {} : { finished_tasks: finished }),
    ...(errors.length === 0 ? {} : { download_errors: errors.map(({ name, error }) => ({ name, error })) }),
  }
}

/** The files that the targets fetch now. */
export const currentTasksOf = (cluster: Cluster, download: Download, now: number): object => {
  const { current } = countedOf(download, now)
  if (current.length === 0) return {}
  return {
    current_tasks: current.map(({ name, bytes, received, startMs, endMs }) => ({
      name,
      downloaded: String(received ?? Math.floor((bytes * (now - startMs)) / (endMs - startMs))),
      total: String(bytes),
      start_time: timeText(nanoseconds(cluster, startMs)),
      end_time: '0001-01-01T00:00:00Z',
    })),
  }
}
