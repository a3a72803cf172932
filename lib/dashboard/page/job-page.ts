import { combineLatest, map, startWith, type Observable, type Subscription } from 'rxjs'
import { constant, explain, isLeft, progress, watchDetails } from '../../index.ts'
import type { Cluster, Progress, Snapshots } from '../../index.ts'
import { chart } from './chart.ts'
import { byId, el, setText } from './dom.ts'
import { PERIOD_MS } from './feed.ts'
import { UNKNOWN, bytes, count, dateTime, duration, percent, rate } from './format.ts'
import { entryLine, type LogView } from './log.ts'
import type { Moment, Shown } from './shown.ts'
import { stateMark } from './state-mark.ts'
import { isOpenState } from './states.ts'

/** The page of one job. */
export interface JobPage {
  /** Shows what the table knows of the job. */
  readonly show: (job: Shown | undefined, moment: Moment) => void
  readonly close: () => void
}

/** What the page asks for beside the table. */
interface Seen {
  readonly progress: Progress | undefined
  readonly snapshots: Snapshots | undefined
  readonly problem: string | undefined
}

function watch(cluster: Cluster, id: string): Observable<Seen> {
  const options = { cadence: constant(PERIOD_MS) }
  return combineLatest([
    progress(cluster, { id }, options).pipe(startWith(undefined)),
    watchDetails(cluster, { id }, options).pipe(startWith(undefined)),
  ]).pipe(
    map(([now, parts]) => ({
      progress: now === undefined || isLeft(now) ? undefined : now.right,
      snapshots: parts === undefined || isLeft(parts) ? undefined : parts.right,
      problem: parts !== undefined && isLeft(parts) ? explain(parts.left) : undefined,
    })),
  )
}

/** Opens the page of a job. The button to stop is absent unless `stop` is given. */
export function openJob(cluster: Cluster, id: string, log: LogView, stop: ((id: string) => void) | undefined): JobPage {
  const mark = stateMark()
  const [facts, error, message] = [el('dl', { class: 'facts' }), el('pre', { class: 'error' }), el('pre')]
  const [rows, events, problem] = [el('tbody'), el('ol', { class: 'events' }), el('p', { class: 'muted' })]
  const drawing = chart()
  const button = el('button', { type: 'button', class: 'danger', onclick: () => stop?.(id) }, 'Stop this job')
  const columns = ['Target', 'State', 'Objects', 'Bytes', 'Error']
  const title = el('h2', { tabindex: '-1' }, id)
  byId('job').replaceChildren(
    el('div', { class: 'title' }, title, mark.element, ...(stop === undefined ? [] : [button])),
    facts,
    error,
    message,
    problem,
    el('h3', {}, 'Objects per second'),
    drawing.element,
    el('h3', {}, 'Targets'),
    el(
      'div',
      { class: 'wide' },
      el('table', {}, el('thead', {}, el('tr', {}, ...columns.map((name) => el('th', { scope: 'col' }, name)))), rows),
    ),
    el('h3', {}, 'Events'),
    events,
    el('h3', {}, 'On the command line'),
    ...[`ais show job ${quoted(id)}`, `ais wait ${quoted(id)}`, `ais stop ${quoted(id)}`].map(command),
  )
  title.focus()
  let shown = -1
  let drawn: Progress | undefined
  const subscription: Subscription = watch(cluster, id).subscribe((seen) => {
    setText(problem, seen.problem ?? '')
    if (seen.progress !== undefined && seen.progress !== drawn) {
      drawn = seen.progress
      const { objectsPerSecond, bytesPerSecond } = seen.progress
      drawing.add({ atMs: Date.now(), objects: objectsPerSecond, bytes: bytesPerSecond })
    }
    rows.replaceChildren(...targetRows(seen))
  })
  return {
    close: () => subscription.unsubscribe(),
    show: (job, { nowMs, isStale }) => {
      const own = log.of(id)
      if (own.length !== shown) {
        shown = own.length
        events.replaceChildren(
          ...(shown === 0 ? [el('li', { class: 'muted' }, 'none since this page was opened')] : []),
          ...own.map((entry) => entryLine(entry, false)),
        )
      }
      error.hidden = job?.error === undefined
      setText(error, job?.error ?? '')
      message.hidden = job?.message === undefined
      setText(message, job?.message ?? '')
      button.disabled = isStale
      button.hidden = job === undefined || !isOpenState(job.state)
      if (job === undefined) return
      mark.show(job.state)
      facts.replaceChildren(
        ...factsOf(job, nowMs).map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
      )
    },
  }
}

function factsOf(job: Shown, nowMs: number): readonly (readonly [string, string])[] {
  const { kind, bucket, objects, ratio, startMs, endMs, objectsPerSecond, bytesPerSecond, etaMs } = job
  const size = bytesPerSecond === undefined ? '' : `, ${bytes(bytesPerSecond)}/s`
  return [
    ['Kind', kind],
    ['Bucket', bucket ?? UNKNOWN],
    ['Objects', `${count(objects)}${ratio === undefined ? '' : `, ${percent(ratio)}`}`],
    ['Bytes', bytes(job.bytes)],
    ['Rate', `${rate(objectsPerSecond)}${size}`],
    ['Time left', duration(etaMs)],
    ['Started', startMs === undefined ? UNKNOWN : dateTime(startMs)],
    ['Ended', endMs === undefined ? UNKNOWN : dateTime(endMs)],
    ['Time', startMs === undefined ? UNKNOWN : duration((endMs ?? nowMs) - startMs)],
  ]
}

function targetRows({ progress: now, snapshots }: Seen): readonly HTMLTableRowElement[] {
  return Object.entries(now?.targets ?? {}).map(([target, { state, objects, bytes: size }]) => {
    const mark = stateMark()
    mark.show(state)
    const errors = (snapshots?.[target] ?? [])
      .flatMap(({ err, abortErr }) => [abortErr, err])
      .filter((one) => one !== '')
    const number = (text: string): HTMLTableCellElement => el('td', { class: 'number' }, text)
    return el(
      'tr',
      {},
      el('th', { scope: 'row' }, target),
      el('td', {}, mark.element),
      number(count(objects)),
      number(bytes(size)),
      el('td', {}, errors.length === 0 ? UNKNOWN : errors.join('; ')),
    )
  })
}

/** For a shell. An id comes from a server. */
const quoted = (id: string): string =>
  /^[\w-]+$/.test(id) && !id.startsWith('-') ? id : `'${id.replaceAll("'", `'\\''`)}'`

function command(text: string): HTMLElement {
  const code = el('code', {}, text)
  // Browsers have no clipboard on plain http to another machine.
  const clipboard = (navigator as { readonly clipboard?: Clipboard }).clipboard
  const copy = el('button', { type: 'button', onclick: () => void clipboard?.writeText(text) }, 'Copy')
  copy.setAttribute('aria-label', `Copy ${text}`)
  return el('p', { class: 'command' }, code, ...(clipboard === undefined ? [] : [copy]))
}
