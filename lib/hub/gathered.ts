import { NEVER, Subject, defer, finalize, map, takeUntil, type Observable } from 'rxjs'
import type { Cadence } from '../cadence.ts'
import { isLeft } from '../either.ts'
import type { Internals, Wanted } from '../environment.ts'
import type { Result } from '../error.ts'
import { shared } from '../hub.ts'
import { inLane } from './lane.ts'

/** An answer that is about one job, or about all that can be asked for at once. */
export type Look<One, All> =
  { readonly about: string; readonly result: Result<One> } | { readonly about: undefined; readonly result: Result<All> }

/** An answer about all. */
export const isOfAll = <One, All>(look: Look<One, All>): look is Extract<Look<One, All>, { about: undefined }> =>
  look.about === undefined

/** The two ways to ask. */
export interface Ways<One, All> {
  readonly one: (run: string) => Observable<Result<One>>
  readonly all: () => Observable<Result<All>>
}

/**
 * One poll for those who want to know of one job each, and for those who want to know of all.
 *
 * Asks for the one job while nobody wants another, and for all at once else: what a tick costs does not grow with the
 * number of those who ask. A question about the one job is cut when another is wanted: it may hang for 20 s for reasons
 * that are that job's alone (protocol 12).
 *
 * @param run whom the subscriber wants to know of; undefined: of all
 * @param fresh as of `shared`
 */
export const gathered = <One, All>(
  env: Internals,
  key: string,
  run: string | undefined,
  open: () => Ways<One, All>,
  cadence: Cadence | Observable<Cadence>,
  fresh: boolean,
): Observable<Look<One, All>> =>
  wanting(env, key, run, (wanted) =>
    shared(
      env,
      key,
      () => {
        const ways = open()
        return defer(() => lookOf(wanted, ways).pipe(takeUntil(oneIsTooFew(wanted))))
      },
      cadence,
      { fresh, resultOf: weighed },
    ),
  )

/** The same once, in a lane: for a doubt that many may have at the same moment. */
export const gatheredOnce = <One, All>(
  env: Internals,
  key: string,
  run: string | undefined,
  ways: Ways<One, All>,
): Observable<Look<One, All>> =>
  wanting(env, `${key}, once`, run, (wanted) =>
    inLane(
      env,
      key,
      defer(() => lookOf(wanted, ways)),
    ),
  )

/** The only job that is wanted, if it is only one. */
const onlyOne = ({ runs, all }: Wanted): string | undefined => {
  const [only, other] = all > 0 ? [] : runs.keys()
  return other === undefined ? only : undefined
}

const oneIsTooFew = (wanted: Wanted): Observable<void> => (onlyOne(wanted) === undefined ? NEVER : wanted.grown)

const lookOf = <One, All>(wanted: Wanted, ways: Ways<One, All>): Observable<Look<One, All>> => {
  const only = onlyOne(wanted)
  return only === undefined
    ? ways.all().pipe(map((result) => ({ about: undefined, result })))
    : ways.one(only).pipe(map((result) => ({ about: only, result })))
}

const wanting = <A>(
  env: Internals,
  key: string,
  run: string | undefined,
  f: (wanted: Wanted) => Observable<A>,
): Observable<A> =>
  defer(() => {
    const wanted = env.shared.wanted.get(key) ?? { runs: new Map<string, number>(), all: 0, grown: new Subject<void>() }
    env.shared.wanted.set(key, wanted)
    count(wanted, run, 1)
    if (onlyOne(wanted) === undefined) wanted.grown.next()
    return f(wanted).pipe(
      finalize(() => {
        count(wanted, run, -1)
        if (wanted.all === 0 && wanted.runs.size === 0) env.shared.wanted.delete(key)
      }),
    )
  })

function count(wanted: Wanted, run: string | undefined, by: 1 | -1): void {
  if (run === undefined) {
    wanted.all += by
    return
  }
  const many = (wanted.runs.get(run) ?? 0) + by
  if (many === 0) wanted.runs.delete(run)
  else wanted.runs.set(run, many)
}

/** A 404 is an answer, and the usual one of a job that is young: no reason to ask less often. */
const weighed = ({ result }: Look<unknown, unknown>): unknown =>
  isLeft(result) && result.left._tag === 'NotFound' ? undefined : result
