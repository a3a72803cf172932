import { byId, el, setText } from './dom.ts'
import { clock } from '../../common/format.ts'
import { kindName } from './kind-name.ts'
import { hrefOf } from './row.ts'
import { ICONS } from './states.ts'

/** How many entries the log holds. */
const MOST = 500
/** The shortest time between two announcements of ended jobs to screen readers. */
const ANNOUNCE_MS = 5_000

/** An entry of the log. */
export interface Entry {
  readonly atMs: number
  readonly type: string
  readonly id?: string
  readonly kind?: string
  readonly text?: string
}

/** The log of events, newest first. */
export interface LogView {
  readonly add: (entries: readonly Entry[]) => void
  /** The entries of one job, newest first. */
  readonly of: (id: string) => readonly Entry[]
  /** Draws the entries that contain a text. While the page is paused, the log stays as it is. */
  readonly show: (search: string, isPaused: boolean, nowMs: number) => void
}

/** The state of a job after an event. An event that is an end has the name of the state. */
function stateAfter(type: string): string {
  if (type === 'vanished') return 'lost'
  return type === 'started' || type === 'resumed' ? 'running' : type
}

/** One line of a log. */
export function entryLine({ atMs, type, id, kind = '', text }: Entry, withJob: boolean): HTMLLIElement {
  const state = stateAfter(type)
  const icon = state in ICONS ? ICONS[state as keyof typeof ICONS] : '·'
  return el(
    'li',
    {},
    el('time', { datetime: new Date(atMs).toISOString() }, clock(atMs)),
    ' ',
    el('span', { class: `state ${state}` }, el('span', { 'aria-hidden': 'true' }, icon), ` ${type}`),
    ...(withJob && id !== undefined ? [` ${kindName(kind)} `, el('a', { href: hrefOf(id) }, id)] : []),
    ...(text === undefined || text === '' ? [] : [el('span', { class: 'text' }, ` ${text}`)]),
  )
}

const ENDS: readonly string[] = ['finished', 'failed', 'aborted', 'vanished']

/** One sentence for any number of ended jobs. */
function summary(ended: readonly Entry[]): string {
  if (ended.length <= 3) return ended.map(({ kind = '', type }) => `${kindName(kind)} ${type}`).join(', ')
  const counts = ENDS.map((end) => [end, ended.filter(({ type }) => type === end).length] as const)
  return `${ended.length} jobs are over: ${counts.flatMap(([end, n]) => (n === 0 ? [] : [`${n} ${end}`])).join(', ')}`
}

/** Whether an entry contains a text, whatever its case. */
const contains = ({ type, id = '', kind = '', text = '' }: Entry, wanted: string): boolean =>
  wanted === '' || [type, id, kind, kindName(kind), text].some((one) => one.toLowerCase().includes(wanted))

/** How many entries came after those that are drawn; all, if none of the drawn ones is left. Both are newest first. */
function countOfNew(entries: readonly Entry[], drawn: readonly Entry[]): number {
  const newestDrawn = drawn[0]
  const position = newestDrawn === undefined ? -1 : entries.indexOf(newestDrawn)
  return position === -1 ? entries.length : position
}

/** Fills the log of index.html. */
export function logView(): LogView {
  const [list, note] = [byId('log-lines'), byId('log-note')]
  let entries: readonly Entry[] = []
  // What the list shows: the entries at that time, and the text that was searched for.
  let drawn: readonly Entry[] = []
  let drawnSearch = ''
  let unannounced: readonly Entry[] = []
  let announcedMs = -Infinity

  const announce = (nowMs: number): void => {
    if (unannounced.length === 0 || nowMs - announcedMs < ANNOUNCE_MS) return
    setText(byId('announced'), summary(unannounced))
    announcedMs = nowMs
    unannounced = []
  }
  /** Adds the newest entries to the list, or draws all entries again if the search has changed. */
  const draw = (search: string, newCount: number): void => {
    const count = search === drawnSearch ? newCount : entries.length
    const lines = entries
      .slice(0, count)
      .filter((entry) => contains(entry, search))
      .map((entry) => entryLine(entry, true))
    if (count === entries.length) list.replaceChildren(...lines)
    else list.prepend(...lines)
    while (list.children.length > MOST) list.lastElementChild?.remove()
    drawn = entries
    drawnSearch = search
  }
  /** Why the list is empty or incomplete; an empty text if it is neither. */
  const noteOf = (search: string, pausedCount: number): string => {
    if (pausedCount > 0) return `${pausedCount} more since the pause`
    if (list.children.length > 0) return ''
    return search === '' || entries.length === 0 ? 'none since this page was opened' : 'none matches the search'
  }
  return {
    add: (more) => {
      // The entries of one reply are in chronological order.
      entries = [...[...more].reverse(), ...entries].slice(0, MOST)
      unannounced = [...unannounced, ...more.filter(({ type }) => ENDS.includes(type))]
    },
    of: (id) => entries.filter((entry) => entry.id === id),
    show: (text, isPaused, nowMs) => {
      announce(nowMs)
      const search = text.trim().toLowerCase()
      const newCount = countOfNew(entries, drawn)
      if (!isPaused && (newCount > 0 || search !== drawnSearch)) draw(search, newCount)
      setText(note, noteOf(search, isPaused ? newCount : 0))
    },
  }
}
