import {
  EMPTY,
  connect,
  defer,
  filter,
  finalize,
  map,
  merge,
  mergeMap,
  of,
  share,
  take,
  timer,
  type Observable,
} from 'rxjs'
import { isRight } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import { exchange } from '../request/exchange.ts'
import { MAP } from './membership.ts'
import { answeredNow } from './candidates.ts'
import type { Member } from './roster.ts'
import type { Limit } from '../request/send.ts'

/** The limit of a request to an address that only the map names: it may lead nowhere from here. */
export const PROOF_MS = 5_000

/** After this long without a reply from one member, the next member is asked as well. */
const STAGGER_MS = 250

/**
 * Finds the first of these members that is there and belongs to this cluster.
 *
 * One small request a member, in order. The next member's request starts when the one before has failed, or has taken
 * {@link STAGGER_MS}; so n members that hang delay the result by n * 250 ms, and by 5 s + n * 250 ms where nobody is there.
 *
 * @returns emits the member, or completes without a value where none of them proves itself
 */
export function firstProven(env: Environment, members: readonly Member[], limit: Limit): Observable<Member> {
  const [member, ...others] = members
  if (member === undefined) return EMPTY
  return proofOf(env, member, limit).pipe(
    connect((proof) => {
      const proven = proof.pipe(
        filter((isProven) => isProven),
        map(() => member),
      )
      if (others.length === 0) return proven
      const next = merge(proof.pipe(filter((isProven) => !isProven)), timer(STAGGER_MS, env.scheduler)).pipe(
        take(1),
        mergeMap(() => firstProven(env, others, limit)),
      )
      return merge(proven, next)
    }),
    take(1),
  )
}

/** All requests that need the proof at the same time share it; a member that has answered meanwhile needs none. */
function proofOf(env: Environment, member: Member, { ms }: Limit): Observable<boolean> {
  if (member.answered) return of(true)
  return (member.proof ??= defer(() => exchange(env, MAP, { ms: Math.min(ms, PROOF_MS) }, member.endpoint)).pipe(
    map(({ result, atMs }) => {
      const isProven = isRight(result) && result.right.uuid === env.shared.roster.map?.uuid
      if (isProven) answeredNow(member)
      else member.failedAtMs = atMs
      return isProven
    }),
    finalize(() => (member.proof = undefined)),
    share(),
  ))
}
