import { defer, type Observable } from 'rxjs'
import type { Cadence } from '../cadence.ts'
import type { ClusterLike, Environment } from '../environment.ts'
import type { Result } from '../error.ts'
import { observe } from '../observer.ts'
import { attemptOf, type Attempt, type Evidence } from '../view/evidence.ts'
import type { Observed } from '../view/interest.ts'
import type { Need, Pace } from '../view/need.ts'
import type { View } from '../view/view.ts'
import { defined } from '../common/defined.ts'

/** The definition of a stream of replies: what each tick requests, and how the stream reads a reply. */
export interface Replies<A> {
  /** The runs that the stream follows; absent if it follows none in particular. */
  readonly ids?: readonly string[]
  /** The needs of a tick that is due at this time. */
  readonly needs: (dueMs: number, view: View) => readonly Need[]
  /** Whether the stream reads this reply. */
  readonly wantsReply: (evidence: Evidence, view: View) => boolean
  /** The value to emit; undefined if the reply alone is not enough. */
  readonly read: (evidence: Evidence, view: View) => Result<A> | undefined
}

/** Emits a value for each reply, to a request of this stream or to the same query of another stream. */
export function replies<A>(
  cluster: ClusterLike,
  env: Environment,
  { ids, needs, wantsReply, read }: Replies<A>,
  cadence: Cadence | Observable<Cadence>,
): Observable<Result<A>> {
  return defer(() => {
    let last: Attempt | undefined
    const valueOf = ({ evidence, view }: Observed): Result<A> | undefined => {
      const value = evidence === undefined ? undefined : read(evidence, view)
      if (evidence !== undefined && value !== undefined) last = attemptOf(evidence, undefined)
      return value
    }
    const dueMs = ({ waitMs }: Pace): number => (last === undefined ? -Infinity : last.atMs + waitMs)
    return observe(
      cluster,
      env,
      {
        ...defined({ ids }),
        needs: (view, pace) => needs(dueMs(pace), view),
        lastTick: () => last,
        wantsReply,
        select: valueOf,
      },
      cadence,
    )
  })
}
