import { expect } from 'chai'
import { NEVER, Observable, timer } from 'rxjs'
import { spy } from 'sinon'
import { untilAborted } from '../../../lib/index.ts'
import { marbles } from '../../helpers/marbles.ts'
import { itIsAnOperator } from './helpers/laws.ts'

// `untilAborted` completes a stream when an `AbortSignal` fires.

describe('untilAborted', () => {
  itIsAnOperator({
    operator: () => untilAborted<string>(new AbortController().signal),
    values: { a: 'a', b: 'b' },
    results: { a: 'a', b: 'b' },
  })

  it('completes and unsubscribes when the signal fires', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const controller = new AbortController()
      const source = cold('-a--b--c')
      const subs = '       ^----!  '
      const expected = '   -a--b|  '

      timer(5).subscribe(() => controller.abort())
      expectObservable(source.pipe(untilAborted(controller.signal))).toBe(expected)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('does not subscribe to the source if the signal has already fired', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a--b--c')

      expectObservable(source.pipe(untilAborted(AbortSignal.abort()))).toBe('|')
      expectSubscriptions(source.subscriptions).toBe([])
    })
  })

  it('does not subscribe to the source if the signal fires between the call and the subscription', () => {
    let all = 0
    const controller = new AbortController()
    const stream = new Observable(() => {
      all++
    }).pipe(untilAborted(controller.signal))
    controller.abort()
    stream.subscribe()
    expect(all).to.equal(0)
  })

  it('keeps one listener for ten thousand streams, and no listener after they end', () => {
    const controller = new AbortController()
    const { signal } = controller
    const added = spy(signal, 'addEventListener')
    const removed = spy(signal, 'removeEventListener')
    const subscriptions = Array.from({ length: 10_000 }, () => NEVER.pipe(untilAborted(signal)).subscribe())
    expect(added.callCount - removed.callCount).to.equal(1)
    for (const one of subscriptions) one.unsubscribe()
    expect(removed.callCount).to.equal(added.callCount)
    let completed = 0
    for (let n = 0; n < 100; n++) NEVER.pipe(untilAborted(signal)).subscribe({ complete: () => completed++ })
    controller.abort()
    expect(completed).to.equal(100)
    expect(removed.callCount).to.equal(added.callCount)
  })
})
