import { EMPTY, concat, defer, type Observable, type SchedulerLike } from 'rxjs'
import type { Environment, Internals } from '../environment.ts'
import { refreshMap } from '../request/map.ts'
import type { Limit } from '../request/send.ts'
import type { Selection } from '../selection.ts'
import type { Listed, Memory, Question, Reading } from '../verdict/memory.ts'
import { nextQuestion } from '../verdict/next-question.ts'

/** One wait that is under way. */
export interface Waiting {
  readonly c: Environment
  readonly env: Internals
  /** What to ask for where no run is known yet. */
  readonly selection: Selection
  readonly limits: Limits
  /** Milliseconds since it began. */
  readonly now: () => number
  /** What it knows by now: which question comes next depends on that, and a timeout tells what was seen last. */
  memory: Memory
  /** How many questions have been answered, alone or in the crowd: what a cadence goes by. */
  answered: number
  /** Open by the last list of the Information Center, and not among what ran by that of the targets. */
  isUnlisted: boolean
  /** When the targets showed what they have, by the clock of all; absent where they have not. */
  shownAtMs?: number
}

/** Each question has its own clock: targets that hang must not make a status be waited for longer. */
export type Limits = Readonly<Record<Question, Limit>>

export const limitsOf = (ms: number): Limits => ({ status: { ms }, snapshots: { ms }, map: { ms } })

/**
 * The questions of one round, one after the other, as long as doubt is left.
 *
 * @param ask brings the reading, or nothing
 * @param asked what was asked in this round already
 * @param first the question that it begins with, whatever is cheap
 */
export const round = (
  waiting: Waiting,
  ask: (question: Question) => Observable<Reading | Listed>,
  asked: readonly Question[] = [],
  first?: Question,
): Observable<Reading | Listed> =>
  defer(() => {
    const question = nextQuestion(waiting.memory, asked, waiting.now(), first)
    return question === undefined ? EMPTY : concat(ask(question), round(waiting, ask, [...asked, question], first))
  })

/** A wait that has lasted this long may last until the proxy is gone that it was given. */
const LONG_MS = 10_000

/** A round of a wait that lasts learns by the way who else can be asked, if it has not asked for the map anyway. */
export const thorough = <A>(waiting: Waiting, round: Observable<A>): Observable<A> =>
  concat(
    round,
    defer(() =>
      waiting.now() >= LONG_MS && waiting.memory.outcome === undefined && waiting.memory.mapAtMs === undefined
        ? refreshMap(waiting.env)
        : EMPTY,
    ),
  )

/** Milliseconds since now; goes on where the clock is set back. */
export function stopwatch(scheduler: SchedulerLike): () => number {
  let seen = scheduler.now()
  let elapsed = 0
  return () => {
    const at = scheduler.now()
    elapsed += Math.max(0, at - seen)
    seen = at
    return elapsed
  }
}
