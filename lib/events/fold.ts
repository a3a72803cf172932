import type { JobStatus } from '../codec/job-status.ts'
import type { JobRef } from '../codec/running.ts'
import type { Snapshots } from '../codec/snapshots.ts'
import { isLeft } from '../either.ts'
import type { Result } from '../error.ts'
import { isOver, type Table } from '../table.ts'
import type { WaitResult } from '../wait-result.ts'
import type { EventType, JobEvent } from './event.ts'
import { sweep, type Life, type Lives } from './life.ts'
import { shownBy, type Shown } from './shown.ts'

/** What came of one reply: what happened, and whose end is to be waited for from now on. */
export interface Happened {
  readonly events: readonly JobEvent[]
  readonly watch: readonly JobRef[]
}

/** Takes in a list of the Information Center; it tells of starts and ends, and of nothing in between. */
export function withList(lives: Lives, table: Table, atMs: number): Happened {
  const { table: last } = lives
  const news: Shown[] = []
  // Of ten thousand rows, few are new: the others are the very same objects as in the last list.
  if (table !== last)
    for (const status of table.values()) if (last?.get(status.id) !== status) news.push(listed(status))
  lives.table = table
  return withShown(lives, news, (id) => table.has(id), atMs)
}

const listed = (status: JobStatus): Shown => ({
  job: { id: status.id, kind: status.kind },
  state: isOver(status) ? 'over' : 'running',
  startNs: 0n,
  lastNs: status.endTime ?? 0n,
  done: NOTHING_DONE,
})

const NOTHING_DONE: ReadonlyMap<string, bigint> = new Map()

/** Takes in what the targets show; `{}` where they know none of the jobs. */
export function withSnapshots(lives: Lives, snapshots: Snapshots, atMs: number): Happened {
  const shown = shownBy(snapshots)
  return withShown(lives, [...shown.values()], (id) => shown.has(id), atMs)
}

function withShown(lives: Lives, all: readonly Shown[], isShown: (id: string) => boolean, atMs: number): Happened {
  const { byId, unwatched } = lives
  const events: JobEvent[] = []
  for (const shown of all) {
    if (shown.state === 'absent') continue
    const { job } = shown
    const tell = (type: EventType): unknown => events.push({ type, job, atMs })
    const before = byId.get(job.id)
    if (before === undefined || isAnother(before, shown)) {
      const life = born(lives, shown, before, atMs, tell)
      byId.set(job.id, life)
      if (life.phase !== 'over') unwatched.set(job.id, job)
    } else {
      const life = before.phase === 'over' || shown.state === 'over' ? before : lived(before, shown, tell)
      byId.set(job.id, { ...life, seenMs: atMs, lastNs: later(life.lastNs, shown.lastNs) })
    }
  }
  if (lives.first) {
    lives.historyNs = all.reduce((last, { state, lastNs }) => (state === 'over' ? later(last, lastNs) : last), 0n)
    lives.first = false
  }
  sweep(lives, isShown, atMs)
  const watch = [...unwatched.values()]
  unwatched.clear()
  return { events, watch }
}

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** A run of the same id that began after all that we know of the one that has ended. */
const isAnother = ({ phase, lastNs }: Life, { state, startNs }: Shown): boolean =>
  phase === 'over' && state !== 'over' && startNs > lastNs

type Tell = (type: EventType) => unknown

function born({ first, historyNs }: Lives, shown: Shown, before: Life | undefined, seenMs: number, tell: Tell): Life {
  const { job, state, done, lastNs } = shown
  const life = { job, done, lastNs, seenMs }
  // What had ended before anybody listened is history.
  const isHistory = state === 'over' && before === undefined && (first || (lastNs > 0n && lastNs <= historyNs))
  if (isHistory) return { ...life, phase: 'over' }
  tell('started')
  if (state === 'idle') tell('idle')
  return { ...life, phase: state === 'idle' ? 'idle' : 'running' }
}

function lived(life: Life, { state, done }: Shown, tell: Tell): Life {
  const grown = [...done].filter(([target, count]) => count > (life.done.get(target) ?? 0n))
  const idles = state === 'idle'
  // Whoever has done something between two looks at its idleness has woken in between.
  if (life.phase === 'idle' && (!idles || grown.length > 0)) tell('resumed')
  if (grown.length > 0) tell('progressed')
  if (idles && (life.phase === 'running' || grown.length > 0)) tell('idle')
  return {
    ...life,
    phase: idles ? 'idle' : 'running',
    done: grown.length === 0 ? life.done : new Map([...life.done, ...grown]),
  }
}

/** Takes in how a job ended, or that it could not be learnt: then it will be tried again. */
export function withEnd(lives: Lives, job: JobRef, result: Result<WaitResult>, atMs: number): readonly JobEvent[] {
  const life = lives.byId.get(job.id)
  if (life === undefined || life.phase === 'over') return []
  const told = isLeft(result) ? (result.left._tag === 'NotFound' ? goneOf(job) : undefined) : result.right
  if (told === undefined) {
    lives.unwatched.set(job.id, job)
    return []
  }
  lives.byId.set(job.id, { ...life, phase: 'over', seenMs: atMs, lastNs: later(life.lastNs, told.endTime ?? 0n) })
  return [{ type: typeOf(told), job, atMs, result: told }]
}

const typeOf = ({ outcome }: WaitResult): EventType =>
  outcome === 'failed' || outcome === 'aborted' ? outcome : outcome === 'lost' ? 'vanished' : 'finished'

/** It was listed, and nobody knows it any more. */
const goneOf = ({ id, kind }: JobRef): WaitResult => ({
  ...{ jobId: id, kind, outcome: 'lost', success: false, aborted: false },
  error: 'the cluster knows the job no more; whether it ended well cannot be told',
})
