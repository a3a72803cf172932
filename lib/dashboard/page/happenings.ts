import { filter, map, mergeMap, type Observable } from 'rxjs'
import { isLeft, jobEvents } from '../../index.ts'
import type { Cluster, JobEvent, JobTable, WatchOptions } from '../../index.ts'
import { defined } from '../../common/defined.ts'
import type { Entry } from './log.ts'
import { isOpenState } from './states.ts'

const ENDS: readonly string[] = ['finished', 'failed', 'aborted', 'vanished']

const entryOf = ({ type, job: { id, kind }, atMs, result }: JobEvent): Entry => ({
  atMs,
  type,
  id,
  kind,
  ...defined({ text: result?.error }),
})

/** What happens to the jobs of a cluster, as entries of the log. */
export interface Happenings {
  /** The entry for the first table, whose jobs started before the page was opened. */
  readonly opened: (table: JobTable, atMs: number) => readonly Entry[]
  /** The entries for all later events. */
  readonly watch: () => Observable<readonly Entry[]>
}

/** Turns the events of a cluster into entries of the log. The start of a job gets only one entry. */
export function happeningsOf(cluster: Cluster, options: WatchOptions): Happenings {
  const running = new Set<string>()
  let isOpened = false
  /** Each subscription emits `started` for each running job first. The log may have that entry already. */
  const isNew = ({ type, job: { id } }: JobEvent): boolean => {
    const isKnown = running.has(id)
    if (ENDS.includes(type)) running.delete(id)
    else running.add(id)
    return type !== 'started' || !isKnown
  }
  return {
    opened: (table, atMs) => {
      if (isOpened) return []
      isOpened = true
      for (const { id, state } of Object.values(table)) if (isOpenState(state)) running.add(id)
      const count = running.size
      return count === 0
        ? []
        : [{ atMs, type: 'opened', text: `${count === 1 ? '1 job' : `${count} jobs`} ran already` }]
    },
    watch: () =>
      jobEvents(cluster, undefined, options).pipe(
        mergeMap((result) => (isLeft(result) ? [] : [result.right])),
        filter((event) => event.type !== 'progressed' && isNew(event)),
        map((event) => [entryOf(event)]),
      ),
  }
}
