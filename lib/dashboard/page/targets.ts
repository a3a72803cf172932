import { combineLatest, map, startWith, type Observable } from 'rxjs'
import { constant, explain, isLeft, progress, watchDetails } from '../../index.ts'
import type { Cluster, Progress, Snapshots } from '../../index.ts'
import { el, setText } from './dom.ts'
import { PERIOD_MS } from './retries.ts'
import { UNKNOWN, bytes, count, duration } from './format.ts'
import { stateMark, type StateMark } from './state-mark.ts'
import { isOpenState } from './states.ts'

/** What the targets report of a job. */
export interface Reports {
  /** The state of each target. */
  readonly targets: Progress['targets']
  /** The counters of each target; undefined if they are not known. */
  readonly snapshots: Snapshots | undefined
  /** Why the counters are not known, if a request failed. */
  readonly problem: string | undefined
}

/** Watches what the targets report of a job. The two streams share their requests. */
export function reportsOf(cluster: Cluster, id: string): Observable<Reports> {
  const options = { cadence: constant(PERIOD_MS) }
  return combineLatest([
    progress(cluster, { id }, options).pipe(startWith(undefined)),
    watchDetails(cluster, { id }, options).pipe(startWith(undefined)),
  ]).pipe(
    map(([now, parts]) => ({
      targets: now === undefined || isLeft(now) ? {} : now.right.targets,
      snapshots: parts === undefined || isLeft(parts) ? undefined : parts.right,
      problem: parts !== undefined && isLeft(parts) ? explain(parts.left) : undefined,
    })),
  )
}

/** A target is shown as silent if it has not reported a running job for this time. */
const SILENT_MS = 5_000

/** The table of the targets of a job. */
export interface TargetsView {
  readonly element: HTMLElement
  readonly show: (reports: Reports, nowMs: number) => void
}

interface TargetRow {
  readonly element: HTMLElement
  readonly mark: StateMark
  readonly cells: readonly HTMLElement[]
}

const COLUMNS = ['Target', 'State', 'Objects', 'Bytes', 'Error']

/** The table of the targets of one job. */
export function targetsView(): TargetsView {
  const body = el('tbody')
  const head = COLUMNS.map((name) =>
    el('th', { scope: 'col', class: name === 'Objects' || name === 'Bytes' ? 'number' : '' }, name),
  )
  const table = el('table', { 'aria-label': 'Targets' }, el('thead', {}, el('tr', {}, ...head)), body)
  const rows = new Map<string, TargetRow>()
  const reportedMs = new Map<string, number>()
  return {
    element: el('div', { class: 'wide' }, table),
    show: ({ targets, snapshots }, nowMs) => {
      for (const target of Object.keys(snapshots ?? {})) reportedMs.set(target, nowMs)
      // A failed request reports no targets; their rows stay.
      for (const [target, { state, objects, bytes: size }] of Object.entries(targets)) {
        const row = rows.get(target) ?? addRow(target)
        const silentMs = nowMs - (reportedMs.get(target) ?? nowMs)
        const errors = (snapshots?.[target] ?? []).flatMap(({ err, abortErr }) => [abortErr, err])
        const texts = [
          count(objects),
          bytes(size),
          [
            ...new Set(errors.filter((one) => one !== '')),
            ...(isOpenState(state) && silentMs > SILENT_MS ? [`no report for ${duration(silentMs)}`] : []),
          ].join('; ') || UNKNOWN,
        ]
        row.mark.show(state)
        row.cells.forEach((cell, i) => setText(cell, texts[i] ?? ''))
      }
    },
  }

  function addRow(target: string): TargetRow {
    const mark = stateMark()
    const cells = ['number', 'number', ''].map((name) => el('td', { class: name }))
    const element = el('tr', {}, el('th', { scope: 'row' }, target), el('td', {}, mark.element), ...cells)
    const row = { element, mark, cells }
    rows.set(target, row)
    body.append(element)
    return row
  }
}
