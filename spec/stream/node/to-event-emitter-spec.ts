import { on } from 'node:events'
import { expect } from 'chai'
import { Observable, Subject, concat, merge, of, throwError } from 'rxjs'
import { left, right } from '../../../lib/common/either.ts'
import type { JobEvent, Result } from '../../../lib/index.ts'
import { toEventEmitter } from '../../../lib/node/index.ts'

// `toEventEmitter` makes an EventEmitter of `jobEvents`.

const event = (type: JobEvent['type']): JobEvent => ({ type, job: { id: 'job-1', kind: 'lru' }, atMs: 0 })
/** Resolves in the next turn of the event loop. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function world() {
  const subject = new Subject<Result<JobEvent>>()
  const counts = { open: 0, all: 0 }
  const source = new Observable<Result<JobEvent>>((subscriber) => {
    counts.open++
    counts.all++
    const inner = subject.subscribe(subscriber)
    return () => {
      counts.open--
      inner.unsubscribe()
    }
  })
  return { subject, source, counts }
}

describe('toEventEmitter', () => {
  it('emits each event under its type', async () => {
    const { source, subject } = world()
    const seen: unknown[] = []
    toEventEmitter(source)
      .on('started', (one) => seen.push(['started', one.job.id]))
      .on('finished', (one) => seen.push(['finished', one.type]))
    await nextTurn()
    subject.next(right(event('started')))
    subject.next(right(event('progressed')))
    subject.next(right(event('finished')))
    expect(seen).to.deep.equal([
      ['started', 'job-1'],
      ['finished', 'finished'],
    ])
  })

  it('emits a Left as `problem`, and goes on', async () => {
    const { source, subject } = world()
    const seen: unknown[] = []
    toEventEmitter(source)
      .on('problem', (error) => seen.push(error._tag))
      .on('started', () => seen.push('started'))
    await nextTurn()
    subject.next(left({ _tag: 'WaitTimeout', afterMs: 1 }))
    subject.next(right(event('started')))
    expect(seen).to.deep.equal(['WaitTimeout', 'started'])
  })

  it('subscribes once, with the first listener, and unsubscribes with the last', async () => {
    const { source, counts } = world()
    const emitter = toEventEmitter(source)
    const listener = (): void => undefined
    expect(counts.all).to.equal(0)
    emitter.on('started', listener).on('finished', listener)
    await nextTurn()
    expect(counts).to.deep.equal({ open: 1, all: 1 })
    emitter.off('started', listener)
    expect(counts.open).to.equal(1)
    emitter.off('finished', listener)
    expect(counts.open).to.equal(0)
    emitter.on('failed', listener)
    await nextTurn()
    expect(counts).to.deep.equal({ open: 1, all: 2 })
    emitter.removeAllListeners('failed')
    expect(counts.open).to.equal(0)
  })

  it('subscribes to nothing for a listener that is removed in the same turn', async () => {
    const { source, counts } = world()
    const emitter = toEventEmitter(source)
    const listener = (): void => undefined
    emitter.on('started', listener).off('started', listener)
    await nextTurn()
    expect(counts.all).to.equal(0)
  })

  it('emits `end` when the stream completes', async () => {
    const { source, subject } = world()
    let ended = 0
    toEventEmitter(source).on('end', () => ended++)
    await nextTurn()
    subject.complete()
    expect(ended).to.equal(1)
  })

  it('emits a defect as `error`', async () => {
    const { source, subject } = world()
    const seen: unknown[] = []
    toEventEmitter(source).on('error', (defect) => seen.push(defect))
    await nextTurn()
    const failure = new Error('defect')
    subject.error(failure)
    expect(seen).to.deep.equal([failure])
  })

  it('unsubscribes if a value that comes at once removes the last listener', async () => {
    const { source, counts } = world()
    const emitter = toEventEmitter(merge(source, of(right(event('finished')))))
    emitter.once('finished', () => undefined)
    await nextTurn()
    expect(counts).to.deep.equal({ open: 0, all: 1 })
  })

  it('emits no defect that comes after the last listener was removed, in the same turn', async () => {
    const source = concat(
      of(right(event('finished'))),
      throwError(() => new Error('nobody listens')),
    )
    let finished = 0
    toEventEmitter(source).once('finished', () => finished++)
    await nextTurn()
    expect(finished).to.equal(1)
  })

  it('unsubscribes and emits `end` when its signal fires', async () => {
    const { source, counts } = world()
    const controller = new AbortController()
    let ended = 0
    toEventEmitter(source, { signal: controller.signal }).on('end', () => ended++)
    await nextTurn()
    controller.abort()
    expect(counts.open).to.equal(0)
    expect(ended).to.equal(1)
  })

  it('subscribes to nothing if its signal has already fired', async () => {
    const { source, counts } = world()
    let ended = 0
    toEventEmitter(source, { signal: AbortSignal.abort() }).on('end', () => ended++)
    await nextTurn()
    expect(counts.all).to.equal(0)
    expect(ended).to.equal(1)
  })

  it('fits events.on(), which ends with `end` and unsubscribes', async () => {
    const { source, subject, counts } = world()
    const emitter = toEventEmitter(source)
    const finished = on(emitter, 'finished', { close: ['end'] })
    await nextTurn()
    subject.next(right(event('finished')))
    subject.next(right(event('finished')))
    subject.complete()
    const seen: unknown[] = []
    for await (const [one] of finished as AsyncIterable<[JobEvent]>) seen.push(one.type)
    expect(seen).to.deep.equal(['finished', 'finished'])
    expect(counts.open).to.equal(0)
  })
})
