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

/** The icons of the events; those of ends are the icons of the states. */
const icon = (type: string): string => {
  if (type === 'vanished') return ICONS.lost
  if (type === 'started' || type === 'resumed') return ICONS.running
  return type in ICONS ? ICONS[type as keyof typeof ICONS] : '·'
}

/** One line of a log. */
export function entryLine({ atMs, type, id, kind = '', text }: Entry, withJob: boolean): HTMLLIElement {
  const name = type === 'vanished' ? 'lost' : type === 'started' || type === 'resumed' ? 'running' : type
  return el(
    'li',
    {},
    el('time', { datetime: new Date(atMs).toISOString() }, clock(atMs)),
    ' ',
    el('span', { class: `state ${name}` }, el('span', { 'aria-hidden': 'true' }, icon(type)), ` ${type}`),
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

/** Fills the log of index.html. */
export function logView(): LogView {
  const [list, note] = [byId('log-lines'), byId('log-note')]
  let entries: readonly Entry[] = []
  let drawn: readonly Entry[] = []
  let drawnFor = ''
  let unannounced: readonly Entry[] = []
  let announcedMs = -Infinity

  const announce = (nowMs: number): void => {
    if (unannounced.length === 0 || nowMs - announcedMs < ANNOUNCE_MS) return
    setText(byId('announced'), summary(unannounced))
    ;[announcedMs, unannounced] = [nowMs, []]
  }
  return {
    add: (more) => {
      // The entries of one reply are in chronological order.
      entries = [...[...more].reverse(), ...entries].slice(0, MOST)
      unannounced = [...unannounced, ...more.filter(({ type }) => ENDS.includes(type))]
    },
    of: (id) => entries.filter((entry) => entry.id === id),
    show: (search, isPaused, nowMs) => {
      announce(nowMs)
      const wanted = search.trim().toLowerCase()
      const firstDrawn = entries.indexOf(drawn[0] ?? NONE)
      // The entries before the first drawn one are new.
      const newCount = firstDrawn === -1 ? entries.length : firstDrawn
      if (!isPaused && (newCount > 0 || wanted !== drawnFor)) {
        const drawCount = wanted === drawnFor ? newCount : entries.length
        const lines = entries
          .slice(0, drawCount)
          .filter((entry) => contains(entry, wanted))
          .map((entry) => entryLine(entry, true))
        if (drawCount === entries.length) list.replaceChildren(...lines)
        else list.prepend(...lines)
        while (list.children.length > MOST) list.lastElementChild?.remove()
        ;[drawn, drawnFor] = [entries, wanted]
      }
      setText(
        note,
        isPaused && newCount > 0
          ? `${newCount} more since the pause`
          : list.children.length > 0
            ? ''
            : wanted === '' || entries.length === 0
              ? 'none since this page was opened'
              : 'none matches the search',
      )
    },
  }
}

const NONE: Entry = { atMs: 0, type: '' }
