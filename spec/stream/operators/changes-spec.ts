import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import { from, of, type Observable } from 'rxjs'
import { left, right } from '../../../lib/common/either.ts'
import type { Result } from '../../../lib/error.ts'
import { changes } from '../../../lib/operators/changes.ts'
import { marbles } from '../../helpers/marbles.ts'

// `changes` drops a value that equals the previous one. In the marbles, a capital letter is an equal copy of the small
// one, and `l` and `m` are Lefts.

const timeout = (afterMs: number): Result<never> => left({ _tag: 'WaitTimeout', afterMs })
const snapshotsOf = (bytes: bigint): object => Object.assign(Object.create(null) as object, { t1: [{ bytes }] })
const values: Record<string, Result<object>> = {
  a: right(snapshotsOf(1n)),
  A: right(snapshotsOf(1n)),
  b: right(snapshotsOf(2n)),
  l: timeout(1),
  L: timeout(1),
  m: timeout(2),
}

describe('changes', () => {
  it('emits a value that is not structurally equal to the previous one', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-A-b-b-A-|', values)
      const subs = '        ^----------!'
      const expected = '    -a---b---a-|'
      expectObservable(source.pipe(changes())).toBe(expected, values)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('compares Lefts too, and emits the first Right after a Left', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold(' -l-L-m-a-l-A-|', values)
      const expected = '    -l---m-a-l-a-|'
      expectObservable(source.pipe(changes())).toBe(expected, values)
    })
  })

  it('compares with the last emitted value, not with a dropped one', () => {
    const seen: unknown[] = []
    const [a, A] = [values['a']!, values['A']!]
    from([a, A, a])
      .pipe(changes())
      .subscribe((value) => seen.push(value))
    expect(seen).to.have.lengthOf(1)
    expect(seen[0]).to.equal(a)
  })

  it('does not subscribe to the source before it is subscribed to, and shares no state between two subscriptions', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-A-b|', values)
      const second = '      --^    '
      const expected1 = '   -a---b|'
      const expected2 = '   ---a-b|'
      const result = source.pipe(changes())
      expectSubscriptions(source.subscriptions).toBe(['^-----!', '--^---!'])
      expectObservable(result).toBe(expected1, values)
      expectObservable(result, second).toBe(expected2, values)
    })
  })

  it('propagates an error, and unsubscribes from the source on unsubscribe', () => {
    const defect = new Error('defect')
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failing = cold('-a-A-#', values, defect)
      const endless = cold('-a-A-b-a', values)
      expectObservable(failing.pipe(changes())).toBe('-a---#', values, defect)
      expectObservable(endless.pipe(changes()), '^---!').toBe('-a---', values)
      expectSubscriptions(endless.subscriptions).toBe('^---!')
    })
  })

  it('keeps the type of its source', () => {
    expectTypeOf(of(right(1n)).pipe(changes())).toEqualTypeOf<Observable<ReturnType<typeof right<never, bigint>>>>()
  })
})
