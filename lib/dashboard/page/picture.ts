import type { Snapshots } from '../../codec/snapshots.ts'
import type { Progress } from '../../view/progress-of.ts'
import { partsById } from '../../model/snapshot.ts'
import type { JobTable } from '../../view/rows.ts'
import { nextPace, withParts, withRow, withTotal, type Pace, type Shown, type Totals } from './shown.ts'
import { isOpenState } from './states.ts'
import { getOwn } from '../../common/get-own.ts'

/** How long a job stays in the table after its end. */
const KEPT_MS = 3_600_000

/** All that the page knows about the jobs. */
export interface Picture {
  readonly jobs: ReadonlyMap<string, Shown>
  /** How fast the counters of each running job grow, by its id. */
  readonly paces: ReadonlyMap<string, Pace>
}

export const EMPTY_PICTURE: Picture = { jobs: new Map(), paces: new Map() }

/** The picture after a table. A job that is no longer in the table stays; if it was running, it is lost. */
export function withTable({ jobs, paces }: Picture, table: JobTable, nowMs: number): Picture {
  const next = new Map<string, Shown>()
  for (const row of Object.values(table)) next.set(row.id, withRow(jobs.get(row.id), row, nowMs))
  for (const [id, job] of jobs)
    if (getOwn(table, id) === undefined)
      next.set(id, isOpenState(job.state) ? withRow(job, { ...job, state: 'lost' }, nowMs) : job)
  for (const [id, { overMs, endMs }] of next)
    if (overMs !== undefined && nowMs - (endMs ?? overMs) > KEPT_MS) next.delete(id)
  const kept = [...paces].filter(([id]) => isOpenState(next.get(id)?.state ?? 'ended'))
  return { jobs: next, paces: new Map(kept) }
}

/** The picture after the counters of many jobs. Ignores jobs that no table has had yet. */
export function withSnapshots({ jobs, paces }: Picture, snapshots: Snapshots, nowMs: number, totals: Totals): Picture {
  const next = new Map(jobs)
  const nextPaces = new Map(paces)
  for (const [id, parts] of partsById(snapshots)) {
    const job = jobs.get(id)
    if (job === undefined) continue
    const pace = nextPace(nextPaces.get(id), parts, nowMs)
    if (isOpenState(job.state)) nextPaces.set(id, pace)
    next.set(id, withParts(job, pace, totals))
  }
  return { jobs: next, paces: nextPaces }
}

/** The picture after the progress of one job, which knows a total. Ignores a job that no table has had yet. */
export function withProgress({ jobs, paces }: Picture, id: string, now: Progress): Picture {
  const job = jobs.get(id)
  return job === undefined ? { jobs, paces } : { jobs: new Map(jobs).set(id, withTotal(job, now)), paces }
}

/** The jobs of the table: all downloads, but not the job that carries them. */
export const listed = ({ jobs }: Picture): ReadonlyMap<string, Shown> =>
  new Map([...jobs].filter(([, job]) => job.carrier !== true))
