import { map, type Observable } from 'rxjs'
import { askMap, askSnapshots, askStatus } from '../queries.ts'
import type { Selection } from '../selection.ts'
import { runOf, type Question, type Reading } from '../verdict/memory.ts'
import { statusRunOf } from '../verdict/witness.ts'
import type { Limits, Waiting } from './waiting.ts'

/** Asks for one wait and for no other. */
export const askAlone =
  (waiting: Waiting, limits: Limits = waiting.limits) =>
  (question: Question): Observable<Reading> => {
    const { c, memory, now } = waiting
    switch (question) {
      case 'status': {
        const run = statusRunOf(memory) ?? ''
        return askStatus(c, selectionOf(waiting, run), limits.status).pipe(
          map((result) => ({ question, run, atMs: now(), result })),
        )
      }
      case 'snapshots':
        return askSnapshots(c, selectionOf(waiting, runOf(memory)), limits.snapshots).pipe(
          map((result) => ({ question, atMs: now(), result })),
        )
      case 'map':
        return askMap(c, limits.map).pipe(map((result) => ({ question, atMs: now(), result })))
    }
  }

export const selectionOf = ({ selection }: Waiting, run: string | undefined): Selection =>
  run === undefined ? selection : { ...selection, ids: [run] }
