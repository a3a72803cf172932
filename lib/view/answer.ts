import { left, right } from '../common/either.ts'
import { show } from '../common/text.ts'
import { invalidArgument, type InvalidArgument } from '../error.ts'
import type { Condition } from './conditions.ts'
import type { Goal, Standing } from './goal.ts'
import { jobViewOf } from './job-view.ts'
import type { View } from './view.ts'
import type { AnswerOf } from './wait-interest.ts'

const TAKES = 'takes a function of a JobView that returns its answer at once'

const refused = (got: string): InvalidArgument => invalidArgument('condition', `got ${got}; ${TAKES}`)

/** Why an argument is not a condition; undefined if it is one. */
export function conditionFault(condition: unknown): InvalidArgument | undefined {
  if (typeof condition !== 'function') return refused(show(condition))
  return condition.constructor.name === 'AsyncFunction' ? refused('an async function') : undefined
}

/** Derives the answer of a wait from a condition of the user. */
export const answerBy =
  <A>(condition: Condition<A>): AnswerOf<A> =>
  (view, goal, standing, nowMs) => {
    if (!isReported(view, goal, standing)) return undefined
    const answer = condition(jobViewOf(view, goal, standing, nowMs))
    if (answer === undefined || answer === false) return undefined
    // A promise is true whatever it will resolve to, so it would end the wait at once.
    return isPending(answer) ? left(refused('a function that returns a promise or an Observable')) : right(answer)
  }

/**
 * Whether the cluster has replied about the job. Before that, the view of the job is empty, and a condition such as
 * "does not run" would hold.
 */
function isReported({ running, runs }: View, { id }: Goal, { lastSnapshots }: Standing): boolean {
  if (id === undefined) return lastSnapshots !== undefined
  const { row, full, targetsReply, statusReply } = runs.get(id) ?? {}
  return (row ?? full ?? targetsReply ?? statusReply) !== undefined || running?.value.has(id) === true
}

const isPending = (answer: unknown): boolean =>
  typeof answer === 'object' && answer !== null && (hasMethod(answer, 'then') || hasMethod(answer, 'subscribe'))

const hasMethod = (value: object, name: string): boolean =>
  name in value && typeof (value as Readonly<Record<string, unknown>>)[name] === 'function'
