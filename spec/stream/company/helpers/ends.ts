import { expect } from 'chai'
import {
  isLeft,
  isRight,
  type JobEvent,
  type JobTable,
  type Progress,
  type Result,
  type WaitResult,
} from '../../../../lib/index.ts'
import { ID } from './company.ts'
import type { Emitted } from './live.ts'

/** The values of the streams of one job; a stream is absent if the company does not have it. */
export interface EmittedStreams {
  readonly wait?: readonly Emitted<unknown>[]
  readonly events?: readonly Emitted<unknown>[]
  readonly table?: readonly Emitted<unknown>[]
  readonly progress?: readonly Emitted<unknown>[]
}

interface End {
  readonly atMs: number
  /** For example `finished` or `failed: disk full`. */
  readonly text: string
}

/** How long a table may collect changes before it emits. */
const TABLE_LAG_MS = 100

/** The states and events that mean an end. */
const END_STATES: readonly string[] = ['finished', 'failed', 'aborted', 'lost', 'vanished']

const textOf = (outcome: string, error?: string): string => (error === undefined ? outcome : `${outcome}: ${error}`)

/** The values of all Rights, with their type restored: a spec knows what it subscribed to. */
const rightsOf = <A>(emitted: readonly Emitted<unknown>[] = []): readonly Emitted<A>[] =>
  emitted.flatMap(({ atMs, value }) => {
    const result = value as Result<A>
    return isRight(result) ? [{ atMs, value: result.right }] : []
  })

/** The name of a stream with its first end. Throws if the stream later reports another end. */
const firstEnd = (stream: string, ends: readonly End[]): readonly [string, End][] => {
  const [first] = ends
  if (first === undefined) return []
  const other = ends.find(({ text }) => text !== first.text)
  if (other !== undefined) throw new Error(`${stream} reports ${first.text}, and then ${other.text}`)
  return [[stream, first]]
}

/** The end that each stream reports, by the name of the stream. */
export function endsOf(
  { wait, events, table, progress }: EmittedStreams,
  id: string = ID,
): Readonly<Record<string, End>> {
  const waited = rightsOf<WaitResult>(wait).map(({ atMs, value }) => ({
    atMs,
    text: textOf(value.outcome, value.error),
  }))
  const emitted = rightsOf<JobEvent>(events)
    .filter(({ value }) => value.job.id === id && END_STATES.includes(value.type))
    .map(({ atMs, value: { type, result } }) => ({ atMs, text: textOf(result?.outcome ?? type, result?.error) }))
  const rows = rightsOf<JobTable>(table).flatMap(({ atMs, value }) => {
    const row = value[id]
    return row !== undefined && END_STATES.includes(row.state) ? [{ atMs, text: textOf(row.state, row.error) }] : []
  })
  // A row may show its end shortly before it has the error text.
  const isEarly = ({ atMs }: End): boolean => atMs <= rows[0]!.atMs + TABLE_LAG_MS
  const known = rows.findLast(isEarly)?.text
  const settled = rows.filter((row) => !isEarly(row) || row.text === known)
  const shown = rightsOf<Progress>(progress)
    .filter(({ value }) => END_STATES.includes(value.state))
    .map(({ atMs, value }) => ({ atMs, text: value.state }))
  return Object.fromEntries([
    ...firstEnd('wait', waited),
    ...firstEnd('events', emitted),
    ...firstEnd('table', settled),
    ...firstEnd('progress', shown),
  ])
}

/** Asserts that all streams report the same end, with the same text, at the same time. */
export function assertAgree(all: EmittedStreams, id: string = ID): void {
  const ends = endsOf(all, id)
  const label = JSON.stringify(ends)
  const reporting = Object.keys(all).filter((stream) => ['wait', 'events', 'table', 'progress'].includes(stream))
  expect(Object.keys(ends).sort(), `the streams that report an end: ${label}`).to.deep.equal(reporting.sort())
  const { text = '' } = ends['wait'] ?? ends['events'] ?? ends['table'] ?? {}
  // A table may emit later than the other streams.
  const { atMs = 0 } = ends['wait'] ?? ends['events'] ?? ends['progress'] ?? ends['table'] ?? {}
  for (const [stream, end] of Object.entries(ends)) {
    // Progress has a state but no text.
    expect(end.text, `the end in ${stream}: ${label}`).to.equal(stream === 'progress' ? text.replace(/:.*/s, '') : text)
    expect(end.atMs, `the time of the end in ${stream}: ${label}`).to.be.within(
      atMs - 1,
      atMs + (stream === 'table' ? TABLE_LAG_MS : 1),
    )
  }
}

/** The only result of a wait, with its time. Throws if there is none, or several. */
export function resultOf(emitted: readonly Emitted<Result<WaitResult>>[]): WaitResult & { readonly atMs: number } {
  const [first] = emitted
  if (first === undefined || emitted.length > 1) throw new Error(`the wait has ${emitted.length} values`)
  const { atMs, value } = first
  if (isLeft(value)) throw new Error(`the wait ends with ${value.left._tag} at ${atMs} ms`)
  return { ...value.right, atMs }
}
