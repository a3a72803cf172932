import type { JobEvent } from '../../index.ts'
import { defined } from '../../common/defined.ts'
import { byId, el, setText } from './dom.ts'
import { clock } from './format.ts'
import { hrefOf } from './row.ts'
import { ICONS } from './states.ts'

/** How many entries are kept. */
const MOST = 500
/** Screen readers hear of ended jobs at most this often. */
const ANNOUNCE_MS = 5_000

/** An entry of the log. */
export interface Entry {
  readonly atMs: number
  readonly type: string
  readonly id?: string
  readonly kind?: string
  readonly text?: string
}

export const entryOf = ({ type, job: { id, kind }, atMs, result }: JobEvent): Entry => ({
  atMs,
  type,
  id,
  kind,
  ...defined({ text: result?.error }),
})

/** The log of events, newest first. */
export interface LogView {
  readonly add: (entry: Entry) => void
  /** The entries of one job, newest first. */
  readonly of: (id: string) => readonly Entry[]
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
    ...(withJob && id !== undefined ? [` ${kind} `, el('a', { href: hrefOf(id) }, id)] : []),
    ...(text === undefined || text === '' ? [] : [el('span', { class: 'text' }, ` ${text}`)]),
  )
}

/** Fills the log of index.html. */
export function logView(): LogView {
  const list = byId('log')
  let entries: readonly Entry[] = []
  let announcedMs = -Infinity
  let unheard: readonly Entry[] = []
  return {
    add: (entry) => {
      if (entry.type === 'progressed') return
      entries = [entry, ...entries].slice(0, MOST)
      list.prepend(entryLine(entry, true))
      if (list.children.length > MOST) list.lastElementChild?.remove()
      byId('log-empty').hidden = true
      if (!['finished', 'failed', 'aborted', 'vanished'].includes(entry.type)) return
      unheard = [...unheard, entry]
      if (Date.now() - announcedMs < ANNOUNCE_MS) return
      setText(byId('announced'), unheard.map(({ kind, type }) => `${kind ?? ''} ${type}`).join(', '))
      ;[announcedMs, unheard] = [Date.now(), []]
    },
    of: (id) => entries.filter((entry) => entry.id === id),
  }
}
