import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import { firstValueFrom, lastValueFrom, of, type Observable } from 'rxjs'
import { left, right } from '../../../lib/common/either.ts'
import { AisError, explain, type JobError, type Result } from '../../../lib/error.ts'
import { orThrow } from '../../../lib/operators/or-throw.ts'
import { marbles } from '../../helpers/marbles.ts'
import { itIsAnOperator } from './helpers/laws.ts'

// `orThrow` moves a Left to the error channel. In the marbles, `l` is a Left.

const failure: JobError = { _tag: 'WaitTimeout', afterMs: 5000 }

describe('orThrow', () => {
  itIsAnOperator<Result<unknown>, unknown>({
    operator: () => orThrow(),
    values: { a: right(1n), b: right(undefined) },
    results: { a: 1n, b: undefined },
  })

  it('turns a Left into an error and unsubscribes from the source', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const values: Record<string, Result<string>> = { a: right('A'), l: left(failure) }
      const source = hot(' -a-a-l-a-|', values)
      const subs = '       ^----!    '
      const expected = '   -a-a-#    '

      expectObservable(source.pipe(orThrow())).toBe(expected, { a: 'A' }, new AisError(failure))
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('emits a separate error to each subscription', () => {
    const result = of(left(failure)).pipe(orThrow())
    const errors: unknown[] = []
    result.subscribe({ error: (e: unknown) => errors.push(e) })
    result.subscribe({ error: (e: unknown) => errors.push(e) })
    expect(errors).to.have.lengthOf(2)
    expect(errors[0]).not.to.equal(errors[1])
  })

  it('rejects with an AisError that has the Left', async () => {
    const thrown: unknown = await firstValueFrom(of(left(failure)).pipe(orThrow())).catch((e: unknown) => e)
    expect(thrown).to.be.instanceOf(Error)
    if (!(thrown instanceof AisError)) return expect.fail('no AisError')
    expect(thrown.error).to.equal(failure)
    expect(thrown._tag).to.equal('WaitTimeout')
    expect(thrown.name).to.equal('AisError')
    expect(thrown.message).to.equal(explain(failure))
    expect(String(thrown)).to.equal(`AisError: ${explain(failure)}`)
    expect(thrown.stack).to.include('or-throw')
  })

  it('resolves with the value of a Right', async () => {
    expect(await lastValueFrom(of(right(1), right(2)).pipe(orThrow()))).to.equal(2)
  })

  it('has the value type, and accepts only JobErrors', () => {
    const result = of<Result<string>>(right('a')).pipe(orThrow())
    expectTypeOf(result).toEqualTypeOf<Observable<string>>()
    expectTypeOf<AisError['error']>().toEqualTypeOf<JobError>()
    expectTypeOf<AisError['_tag']>().toEqualTypeOf<JobError['_tag']>()
    // @ts-expect-error a Left that is not a JobError has no message
    of(left('text')).pipe(orThrow())
  })
})
