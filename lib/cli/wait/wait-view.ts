import { explain, isPermanent, type JobError } from '../../error.ts'
import { defined } from '../../common/defined.ts'
import { STILL_MS } from '../jobs/changes.ts'
import { screenOf } from '../screen.ts'
import { escape } from '../text/escape.ts'
import { cut } from '../text/width.ts'
import { barLine, stillLine, waitedLine, type Waited, type Waiting } from './wait-lines.ts'
import type { Context } from '../verb.ts'

/** Shows the waits of a command: bars or lines on stderr, the outcomes on stdout. */
export interface WaitView {
  update(key: object, waiting: Waiting): void
  pollFailed(key: object, error: JobError): void
  ended(key: object, waited: Waited): void
  close(): void
}

/** Draws the progress of waits in place on a terminal; elsewhere, prints a line for each change. */
export function waitView({ io, printer }: Context): WaitView {
  const screen = screenOf(io.stderr, io.env)
  const isLive = screen.live && !printer.isQuiet && !printer.isJson
  // All by the key of the wait.
  const open = new Map<object, Waiting>()
  /** The last printed line of each wait. */
  const lines = new Map<object, { readonly state: string; readonly atMs: number }>()
  /** The errors of the polls that have failed. */
  const problems = new Map<object, string>()
  /** How many polls have failed in a row. */
  const misses = new Map<object, number>()
  const block = (): readonly string[] => [
    ...[...open.values()].map((waiting) => barLine(waiting, screen.columns)),
    ...[...new Set(problems.values())].map((problem) => cut(`${escape(problem)}; retrying`, screen.columns)),
  ]
  const draw = (): void => {
    if (isLive && open.size + problems.size > 0) screen.draw(block)
  }
  const forget = (key: object): void => {
    problems.delete(key)
    misses.delete(key)
  }
  return {
    update: (key, waiting) => {
      forget(key)
      open.set(key, waiting)
      const { id, kind, progress } = waiting
      if (progress === undefined) return
      const { state, objects, bytes, ratio, etaMs } = progress
      printer.record('progress', {
        state,
        objects: String(objects),
        bytes: String(bytes),
        ...defined({ id, kind, ratio, etaMs }),
      })
      draw()
      if (isLive || printer.isJson) return
      const previous = lines.get(key)
      const isStill = previous?.state === state
      if (isStill && Date.now() - previous.atMs < STILL_MS) return
      lines.set(key, { state, atMs: Date.now() })
      printer.note(stillLine(waiting, isStill))
    },
    pollFailed: (key, error) => {
      // A permanent error ends the wait, whose outcome then has the error.
      if (isPermanent(error)) return
      const missed = error._tag === 'NotFound' ? (misses.get(key) ?? 0) + 1 : 0
      misses.set(key, missed)
      const problem = explain(error)
      const isNew = !problems.has(key) && ![...problems.values()].includes(problem)
      // The first two `NotFound` are not shown: the cluster may not know a job that has just started.
      if (missed === 1 || missed === 2) problems.delete(key)
      else problems.set(key, problem)
      if (isLive) draw()
      else if (isNew && problems.has(key)) printer.note(`${problem}; retrying`)
    },
    ended: (key, waited) => {
      open.delete(key)
      forget(key)
      if (isLive) screen.clear()
      printer.lines(waitedLine(waited))
      draw()
    },
    close: () => screen.close(),
  }
}
