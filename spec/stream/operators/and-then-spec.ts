import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import type { Either } from 'fp-ts/lib/Either.js'
import { EMPTY, NEVER, of, throwError, type Observable } from 'rxjs'
import { left, right } from '../../../lib/common/either.ts'
import type { InvalidArgument, Result, WaitTimeout } from '../../../lib/error.ts'
import { andThen } from '../../../lib/operators/and-then.ts'
import { orThrow } from '../../../lib/operators/or-throw.ts'
import { requireSuccess } from '../../../lib/operators/require-success.ts'
import type { WaitResult } from '../../../lib/model/wait-result.ts'
import { marbles } from '../../helpers/marbles.ts'
import { itIsAnOperator } from './helpers/laws.ts'

// `andThen` continues with another stream after a Right, and passes on a Left.

const defect = new Error('defect')

type Text = Either<string, string>

const values: Record<string, Text> = { a: right('a'), b: right('b'), l: left('l') }
const results: Record<string, Text> = { x: right('x'), y: right('y'), f: left('f'), l: left('l') }

describe('andThen', () => {
  itIsAnOperator<Text, Text>({
    operator: () => andThen((value) => of(right(value.toUpperCase()))),
    values: { a: right('a'), b: left('b') },
    results: { a: right('A'), b: left('b') },
  })

  it('continues with the next step after a Right, and completes when both have completed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a|       ', values)
      const step = cold('    --x-y-|  ', results)
      const sourceSubs = '  ^-!       '
      const stepSubs = '    -^-----!  '
      const expected = '    ---x-y-|  '

      expectObservable(source.pipe(andThen(() => step))).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(sourceSubs)
      expectSubscriptions(step.subscriptions).toBe(stepSubs)
    })
  })

  it('passes the value of the Right to the next step', () => {
    const seen: unknown[] = []
    of(right(1n))
      .pipe(andThen((value) => of(right([value]))))
      .subscribe((value) => seen.push(value))
    expect(seen).to.deep.equal([right([1n])])
  })

  it('emits a Left unchanged and runs no next step', () => {
    const failure = left('l')
    const seen: unknown[] = []
    of<Text>(failure)
      .pipe(andThen(() => expect.fail('a step')))
      .subscribe((value) => seen.push(value))
    expect(seen).to.have.lengthOf(1)
    expect(seen[0]).to.equal(failure)
  })

  it('emits a Left of the next step', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold(' -a|  ', values)
      const step = cold('    -f|', results)
      const expected = '    --f|'

      expectObservable(source.pipe(andThen(() => step))).toBe(expected, results)
    })
  })

  it('unsubscribes from the current step when a newer Right arrives', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b|         ', values)
      const first = cold('   --x--x-|      ', results)
      const second = cold('     --y-|      ', results)
      const sourceSubs = '  ^----!         '
      const firstSubs = '   -^--!          '
      const secondSubs = '  ----^---!      '
      const expected = '    ---x--y-|      '
      const result = source.pipe(andThen((value) => (value === 'a' ? first : second)))

      expectObservable(result).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(sourceSubs)
      expectSubscriptions(first.subscriptions).toBe(firstSubs)
      expectSubscriptions(second.subscriptions).toBe(secondSubs)
    })
  })

  it('unsubscribes from the current step when a Left arrives', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--l--|', values)
      const step = cold('    --x--x-|', results)
      const stepSubs = '    -^--!    '
      const expected = '    ---xl--|'

      expectObservable(source.pipe(andThen(() => step))).toBe(expected, results)
      expectSubscriptions(step.subscriptions).toBe(stepSubs)
    })
  })

  it('unsubscribes from the source and the step on unsubscribe', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a------', values)
      const step = cold('    --x--x-|', results)
      const unsub = '       ^---!    '
      const sourceSubs = '  ^---!    '
      const stepSubs = '    -^--!    '
      const expected = '    ---x-    '

      expectObservable(source.pipe(andThen(() => step)), unsub).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(sourceSubs)
      expectSubscriptions(step.subscriptions).toBe(stepSubs)
    })
  })

  it('propagates an error of the step and unsubscribes from the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--a--|', values)
      const step = cold('    --#    ', results, defect)
      const sourceSubs = '  ^--!    '
      const expected = '    ---#    '

      expectObservable(source.pipe(andThen(() => step))).toBe(expected, results, defect)
      expectSubscriptions(source.subscriptions).toBe(sourceSubs)
    })
  })

  it('unsubscribes from the step when the source errors', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--#   ', values, defect)
      const step = cold('    --x---|', results)
      const stepSubs = '    -^--!   '
      const expected = '    ---x#   '

      expectObservable(source.pipe(andThen(() => step))).toBe(expected, results, defect)
      expectSubscriptions(step.subscriptions).toBe(stepSubs)
    })
  })

  it('emits an error if the function throws', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -l-a--|', values)
      const subs = '        ^--!   '
      const expected = '    -l-#   '
      const result = source.pipe(
        andThen((): Observable<Text> => {
          throw defect
        }),
      )

      expectObservable(result).toBe(expected, results, defect)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('completes after an empty step, and errors with a failing one', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('                                         -a--|', values)
      expectObservable(source.pipe(andThen(() => EMPTY))).toBe('    ----|')
      expectObservable(source.pipe(andThen(() => throwError(() => defect)))).toBe('-#', {}, defect)
      expectObservable(source.pipe(andThen(() => NEVER)), '         ^------!').toBe('-')
    })
  })

  it('runs the step for each subscription', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a|      ', values)
      const step = cold('     --x|    ', results)
      const second = '       --^      '
      const expected1 = '    ---x|    '
      const expected2 = '    -----x|  '
      const result = source.pipe(andThen(() => step))

      expectObservable(result).toBe(expected1, results)
      expectObservable(result, second).toBe(expected2, results)
      expectSubscriptions(step.subscriptions).toBe(['-^--!', '---^--!'])
    })
  })

  it('has the error types of both steps in its type', () => {
    const first = of<Either<WaitTimeout, number>>(right(1))
    const result = first.pipe(
      andThen((value) => {
        expectTypeOf(value).toEqualTypeOf<number>()
        return of<Either<InvalidArgument, string>>(right('a'))
      }),
    )
    expectTypeOf(result).toEqualTypeOf<Observable<Either<WaitTimeout | InvalidArgument, string>>>()
  })

  it('infers its types in a pipe', () => {
    const start = of<Result<{ id?: string; kind: string }>>(right({ kind: 'lru' }))
    const wait = (job: { id?: string; kind?: string }): Observable<Result<WaitResult>> =>
      of(right({ ...job, outcome: 'finished', success: true, aborted: false } as const))
    const result = start.pipe(
      andThen((job) => wait(job)),
      requireSuccess(),
      orThrow(),
    )
    expectTypeOf(result).toEqualTypeOf<Observable<WaitResult>>()

    const seen: WaitResult[] = []
    result.subscribe((value) => seen.push(value))
    expect(seen).to.deep.equal([{ kind: 'lru', outcome: 'finished', success: true, aborted: false }])
  })
})
