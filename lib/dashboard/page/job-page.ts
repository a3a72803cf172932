import type { Cluster } from '../../index.ts'
import { chart } from './chart.ts'
import { commandsFor } from './command-line.ts'
import { byId, el, setText } from './dom.ts'
import { UNKNOWN, bytes, count, dateTime, duration, percent, rate } from './format.ts'
import { kindName } from './kind-name.ts'
import { entryLine, type LogView } from './log.ts'
import type { RateMemory } from './rates.ts'
import type { Moment, Shown } from './shown.ts'
import { stateMark } from './state-mark.ts'
import { isOpenState } from './states.ts'
import { reportsOf, targetsView, type Reports } from './targets.ts'

/** The page of one job. */
export interface JobPage {
  /** Shows the data that the table has of the job. */
  readonly show: (job: Shown | undefined, moment: Moment) => void
  readonly close: () => void
}

/** The arguments of {@link openJob}. */
export interface JobPageOptions {
  readonly cluster: Cluster
  readonly id: string
  readonly log: LogView
  /** The rates of the job before its page was opened. */
  readonly rates: RateMemory
  /** Stops the job. Without it, the page has no button to stop. */
  readonly stop: ((id: string) => void) | undefined
}

/** Opens the page of a job. */
export function openJob({ cluster, id, log, rates, stop }: JobPageOptions): JobPage {
  const mark = stateMark()
  const facts = factsView()
  const error = el('pre', { class: 'error' })
  const message = el('pre')
  const events = el('ol', { class: 'events' })
  const problem = el('p', { class: 'muted' })
  const targets = targetsView()
  const drawing = chart()
  const button = el('button', { type: 'button', class: 'danger', onclick: () => stop?.(id) }, 'Stop this job')
  const title = el('h2', { tabindex: '-1' }, id)
  const commands = commandsFor(id)
  byId('job').replaceChildren(
    el('div', { class: 'title' }, title, mark.element, ...(stop === undefined ? [] : [button])),
    facts.element,
    error,
    message,
    problem,
    el('h3', {}, 'Rate'),
    drawing.element,
    el('h3', {}, 'Targets'),
    targets.element,
    el('h3', {}, 'Events'),
    events,
    el('h3', {}, 'On the command line'),
    ...commands.elements,
  )
  title.focus()
  let listed = -1
  let reports: Reports | undefined
  const subscription = reportsOf(cluster, id).subscribe((next) => {
    reports = next
    targets.show(next, Date.now())
  })
  return {
    close: () => {
      subscription.unsubscribe()
      drawing.close()
    },
    show: (job, { nowMs, isStale }) => {
      const own = log.of(id)
      if (own.length !== listed) {
        listed = own.length
        const none = el('li', { class: 'muted' }, 'none since this page was opened')
        events.replaceChildren(...(listed === 0 ? [none] : own.map((entry) => entryLine(entry, false))))
      }
      show(error, job?.error)
      show(message, job?.message)
      // While the whole page is old, the banner shows the reason.
      show(problem, isStale ? undefined : reports?.problem)
      button.disabled = isStale
      const isOpen = job !== undefined && isOpenState(job.state)
      button.hidden = !isOpen
      commands.show(isOpen)
      drawing.show(rates.of(id))
      if (job === undefined) return
      mark.show(job.state)
      facts.show(job, nowMs)
    },
  }
}

function show(element: HTMLElement, text: string | undefined): void {
  element.hidden = text === undefined || text === ''
  setText(element, text ?? '')
}

type Fact = (job: Shown, nowMs: number) => string

const FACTS: readonly (readonly [string, Fact])[] = [
  ['Kind', ({ kind }) => (kindName(kind) === kind ? kind : `${kindName(kind)} (${kind})`)],
  ['Bucket', ({ bucket }) => bucket ?? UNKNOWN],
  ['Progress', ({ ratio }) => (ratio === undefined ? 'no total' : percent(ratio))],
  ['Objects', ({ objects }) => count(objects)],
  ['Bytes', (job) => bytes(job.bytes)],
  [
    'Rate',
    ({ objectsPerSecond, bytesPerSecond }) =>
      `${rate(objectsPerSecond)}${bytesPerSecond === undefined ? '' : `, ${bytes(bytesPerSecond)}/s`}`,
  ],
  ['Time left', ({ etaMs }) => duration(etaMs)],
  ['Started', ({ startMs }) => (startMs === undefined ? UNKNOWN : dateTime(startMs))],
  [
    'Ended',
    ({ endMs, overMs }) => (endMs === undefined && overMs === undefined ? UNKNOWN : dateTime(endMs ?? overMs ?? 0)),
  ],
  [
    'Took',
    ({ startMs, endMs, overMs }, nowMs) =>
      duration(startMs === undefined ? undefined : (endMs ?? overMs ?? nowMs) - startMs),
  ],
]

/** Changes texts in place, so that a text stays selected. */
function factsView(): { readonly element: HTMLElement; readonly show: (job: Shown, nowMs: number) => void } {
  const facts = FACTS.map(([name, fact]) => ({ name, fact, value: el('dd', {}, UNKNOWN) }))
  const all = facts.map(({ name, value }) => el('div', {}, el('dt', {}, name), value))
  return {
    element: el('dl', { class: 'facts' }, ...all),
    show: (job, nowMs) => {
      for (const { value, fact } of facts) setText(value, fact(job, nowMs))
    },
  }
}
