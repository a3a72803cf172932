import { expect } from 'chai'
import { NEVER, Observable, Subject, concat, of, range, throwError } from 'rxjs'
import { spy } from 'sinon'
import { AisError } from '../../../lib/index.ts'
import { OverflowError, toAsyncIterable } from '../../../lib/node/index.ts'

// `toAsyncIterable` lets `for await` read a stream. `counted` counts the subscriptions of its source.

/** A stream, and how many subscribe to it now and in all. */
function counted<A>(source: Observable<A>) {
  const counts = { open: 0, all: 0 }
  const stream = new Observable<A>((subscriber) => {
    counts.open++
    counts.all++
    const inner = source.subscribe(subscriber)
    return () => {
      counts.open--
      inner.unsubscribe()
    }
  })
  return { stream, counts }
}

/** The reason with which a promise rejects. */
const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (reason: unknown) => reason,
  )

/** All values of a loop. */
async function valuesOf<A>(iterable: AsyncIterable<A>): Promise<readonly A[]> {
  const values: A[] = []
  for await (const value of iterable) values.push(value)
  return values
}

describe('toAsyncIterable', () => {
  it('emits all values of a stream, then ends the loop', async () => {
    expect(await valuesOf(toAsyncIterable(of(1, 2, 3)))).to.deep.equal([1, 2, 3])
  })

  it('subscribes with the first next(), and again in each loop', async () => {
    const { stream, counts } = counted(of(1))
    const iterable = toAsyncIterable(stream)
    const iterator = iterable[Symbol.asyncIterator]()
    expect(counts.all).to.equal(0)
    await iterator.next()
    expect(counts.all).to.equal(1)
    expect(await valuesOf(iterable)).to.deep.equal([1])
    expect(counts).to.deep.equal({ all: 2, open: 0 })
  })

  it('keeps values that arrive between two calls of next()', async () => {
    const source = new Subject<number>()
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]()
    const first = iterator.next()
    source.next(1)
    source.next(2)
    source.next(3)
    expect(await first).to.deep.equal({ done: false, value: 1 })
    expect(await iterator.next()).to.deep.equal({ done: false, value: 2 })
    expect(await iterator.next()).to.deep.equal({ done: false, value: 3 })
  })

  it('answers several pending next() in their order', async () => {
    const source = new Subject<string>()
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]()
    const pending = [iterator.next(), iterator.next(), iterator.next()]
    source.next('a')
    source.next('b')
    source.complete()
    expect(await Promise.all(pending)).to.deep.equal([
      { done: false, value: 'a' },
      { done: false, value: 'b' },
      { done: true, value: undefined },
    ])
  })

  for (const [how, leave] of [
    ['break', () => true],
    [
      'an exception',
      () => {
        throw new Error('mine')
      },
    ],
  ] as const)
    it(`unsubscribes when ${how} leaves the loop`, async () => {
      const { stream, counts } = counted(concat(of(1), NEVER))
      const loop = async (): Promise<void> => {
        for await (const value of toAsyncIterable(stream)) if (value === 1 && leave()) break
      }
      await rejectionOf(loop())
      expect(counts).to.deep.equal({ all: 1, open: 0 })
    })

  it('settles a pending next() of a silent stream in the turn in which return() unsubscribes', async () => {
    const { stream, counts } = counted(NEVER)
    const iterator = toAsyncIterable(stream)[Symbol.asyncIterator]()
    const pending = iterator.next()
    const returned = iterator.return?.()
    expect(counts.open).to.equal(0)
    expect(await pending).to.deep.equal({ done: true, value: undefined })
    expect(await returned).to.deep.equal({ done: true, value: undefined })
    expect(await iterator.next()).to.deep.equal({ done: true, value: undefined })
    expect(counts.all).to.equal(1)
  })

  it('subscribes to nothing if return() comes before the first next()', async () => {
    const { stream, counts } = counted(of(1))
    const iterator = toAsyncIterable(stream)[Symbol.asyncIterator]()
    await iterator.return?.()
    expect(await iterator.next()).to.deep.equal({ done: true, value: undefined })
    expect(counts.all).to.equal(0)
  })

  it('delivers the values before an error, then the error once', async () => {
    const failure = new Error('defect')
    const iterator = toAsyncIterable(
      concat(
        of(1, 2),
        throwError(() => failure),
      ),
    )[Symbol.asyncIterator]()
    expect(await iterator.next()).to.deep.equal({ done: false, value: 1 })
    expect(await iterator.next()).to.deep.equal({ done: false, value: 2 })
    expect(await rejectionOf(iterator.next())).to.equal(failure)
    expect(await iterator.next()).to.deep.equal({ done: true, value: undefined })
  })

  it('throw() rejects with the error that it is given, and unsubscribes', async () => {
    const { stream, counts } = counted(NEVER)
    const iterator = toAsyncIterable(stream)[Symbol.asyncIterator]()
    void iterator.next()
    expect(await rejectionOf(iterator.throw?.('mine') ?? Promise.resolve())).to.equal('mine')
    expect(counts.open).to.equal(0)
  })

  it('does not drain a synchronous source after the loop has ended', async () => {
    let seen = 0
    const source = new Observable<number>((subscriber) => {
      for (let n = 0; n < 1e6 && !subscriber.closed; n++) {
        seen++
        subscriber.next(n)
      }
    })
    const iterator = toAsyncIterable(source, { limit: 10 })[Symbol.asyncIterator]()
    await iterator.next()
    // The loop read one value, ten were kept, and the next one exceeded the limit.
    expect(seen).to.equal(12)
  })

  describe('with a slow consumer', () => {
    it('fails by default after the values up to the limit, and names the other values of `overflow`', async () => {
      const values: number[] = []
      const loop = async (): Promise<void> => {
        for await (const value of toAsyncIterable(range(0, 10), { limit: 3 })) values.push(value)
      }
      const reason = await rejectionOf(loop())
      expect(reason).to.be.instanceOf(OverflowError)
      expect(reason).to.have.property('limit', 3)
      expect((reason as Error).message)
        .to.include("'latest'")
        .and.to.include("'buffer'")
      // The loop had read one value, and three were kept.
      expect(values).to.deep.equal([0, 1, 2, 3])
    })

    it('unsubscribes when the limit is exceeded', async () => {
      const source = new Subject<number>()
      const { stream, counts } = counted(source)
      const iterator = toAsyncIterable(stream, { limit: 1 })[Symbol.asyncIterator]()
      const first = iterator.next()
      for (const n of [1, 2, 3]) source.next(n)
      await first
      expect(counts.open).to.equal(0)
    })

    it('keeps the newest value with `latest`', async () => {
      const source = new Subject<number>()
      const iterator = toAsyncIterable(source, { overflow: 'latest' })[Symbol.asyncIterator]()
      const first = iterator.next()
      for (const n of [1, 2, 3]) source.next(n)
      source.complete()
      expect(await first).to.deep.equal({ done: false, value: 1 })
      expect(await iterator.next()).to.deep.equal({ done: false, value: 3 })
      expect(await iterator.next()).to.deep.equal({ done: true, value: undefined })
    })

    it('keeps all values with `buffer`', async () => {
      expect(await valuesOf(toAsyncIterable(range(0, 5_000), { overflow: 'buffer', limit: 1 }))).to.have.length(5_000)
    })
  })

  describe('with a signal', () => {
    it('subscribes to nothing if the signal has already fired', async () => {
      const { stream, counts } = counted(of(1))
      const reason = new Error('stop')
      const loop = valuesOf(toAsyncIterable(stream, { signal: AbortSignal.abort(reason) }))
      expect(await rejectionOf(loop)).to.equal(reason)
      expect(counts.all).to.equal(0)
    })

    it('rejects a pending next() with the reason, and unsubscribes', async () => {
      const { stream, counts } = counted(NEVER)
      const controller = new AbortController()
      const iterator = toAsyncIterable(stream, { signal: controller.signal })[Symbol.asyncIterator]()
      const pending = rejectionOf(iterator.next())
      controller.abort('stop')
      expect(counts.open).to.equal(0)
      expect(await pending).to.equal('stop')
      expect(await iterator.next()).to.deep.equal({ done: true, value: undefined })
    })

    it('drops values that nobody has taken', async () => {
      const controller = new AbortController()
      const iterator = toAsyncIterable(concat(of(1, 2, 3), NEVER), { signal: controller.signal })[
        Symbol.asyncIterator
      ]()
      await iterator.next()
      controller.abort('stop')
      expect(await rejectionOf(iterator.next())).to.equal('stop')
    })

    it('leaves no listener behind', async () => {
      const controller = new AbortController()
      const { signal } = controller
      const added = spy(signal, 'addEventListener')
      const removed = spy(signal, 'removeEventListener')
      await valuesOf(toAsyncIterable(of(1), { signal }))
      expect(removed.args).to.deep.equal(added.args).and.have.length(1)
    })
  })

  for (const [options, argument] of [
    [{ overflow: 'drop' as 'error' }, 'overflow'],
    [{ limit: 0 }, 'limit'],
    [{ limit: 1.5 }, 'limit'],
    [{ signal: {} as AbortSignal }, 'signal'],
    [null as never, 'options'],
  ] as const)
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => toAsyncIterable(of(1), options))
        .to.throw(AisError)
        .with.nested.property('error.argument', argument)
    })

  it('refuses a source that is no Observable', () => {
    expect(() => toAsyncIterable([1] as never))
      .to.throw(AisError)
      .with.nested.property('error.argument', 'source')
  })
})
