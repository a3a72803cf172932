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
import { isRested, markAnswered } from './candidates.ts'
import type { Member } from './roster.ts'
import type { Limit } from '../request/send.ts'

/** The limit of a request to an address that only the map names: it may be unreachable from here. */
export const PROOF_MS = 5_000

/** If a member has not replied after this time, the next member gets a request as well. */
const STAGGER_MS = 250

/**
 * Finds the first of these members that replies and belongs to this cluster.
 *
 * Each member gets one small request, in order. A request starts when the one before has failed or has taken
 * {@link STAGGER_MS}. So n members that hang delay the result by n * 250 ms, or by 5 s + n * 250 ms if no member replies.
 * A member whose proof for another query has failed in the meantime is left out.
 *
 * @returns emits the member, or completes without a value if no member proves that it belongs to this cluster
 */
export function firstProven(env: Environment, members: readonly Member[], limit: Limit): Observable<Member> {
  // Since the last step, another query may have proven one of the members, or may have found that it fails.
  const [member, ...others] = members
    .filter((one) => one.answered || isRested(env, one))
    .sort((a, b) => Number(b.answered) - Number(a.answered))
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

/** Emits whether a member belongs to this cluster. Callers share a request that is in flight. */
function proofOf(env: Environment, member: Member, { ms }: Limit): Observable<boolean> {
  if (member.answered) return of(true)
  return (member.proof ??= defer(() => exchange(env, MAP, { ms: Math.min(ms, PROOF_MS) }, member.endpoint)).pipe(
    map(({ result, atMs }) => {
      const isProven = isRight(result) && result.right.uuid === env.shared.roster.map?.uuid
      if (isProven) markAnswered(member)
      else member.failedAtMs = atMs
      return isProven
    }),
    finalize(() => (member.proof = undefined)),
    share(),
  ))
}
