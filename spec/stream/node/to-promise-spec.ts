import { expect } from 'chai'
import { EMPTY, EmptyError, NEVER, Observable, concat, of, throwError } from 'rxjs'
import { left, right } from '../../../lib/common/either.ts'
import { AisError, type JobError, type Result } from '../../../lib/index.ts'
import { toPromise } from '../../../lib/node/index.ts'

// `toPromise` resolves with the first Right of a stream, and rejects with an `AisError` for a Left.

const timeout: JobError = { _tag: 'WaitTimeout', afterMs: 5 }

/** The reason with which a promise rejects. */
const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (reason: unknown) => reason,
  )

describe('toPromise', () => {
  it('resolves with the first Right, and unsubscribes', async () => {
    let open = 0
    const source = new Observable<Result<number>>((subscriber) => {
      open++
      subscriber.next(right(1))
      subscriber.next(right(2))
      return () => open--
    })
    expect(await toPromise(source)).to.equal(1)
    expect(open).to.equal(0)
  })

  it('rejects with AisError for a Left', async () => {
    const reason = await rejectionOf(toPromise(of(left(timeout))))
    expect(reason).to.be.instanceOf(AisError)
    expect((reason as AisError).error).to.equal(timeout)
  })

  it('rejects if the stream completes without a value', async () => {
    expect(await rejectionOf(toPromise(EMPTY))).to.be.instanceOf(EmptyError)
  })

  it('rejects with a defect unchanged', async () => {
    const defect = new Error('defect')
    expect(await rejectionOf(toPromise(throwError(() => defect)))).to.equal(defect)
  })

  it('rejects with the reason of its signal, and unsubscribes', async () => {
    let open = 0
    const source = new Observable<Result<number>>(() => {
      open++
      return () => open--
    })
    const controller = new AbortController()
    const promise = rejectionOf(toPromise(source, { signal: controller.signal }))
    expect(open).to.equal(1)
    controller.abort('stop')
    expect(open).to.equal(0)
    expect(await promise).to.equal('stop')
  })

  it('subscribes to nothing if its signal has already fired', async () => {
    let all = 0
    const source = new Observable<Result<number>>(() => {
      all++
    })
    expect(await rejectionOf(toPromise(source, { signal: AbortSignal.abort('stop') }))).to.equal('stop')
    expect(all).to.equal(0)
  })

  it('ignores a signal that fires after the value', async () => {
    const controller = new AbortController()
    const promise = toPromise(concat(of(right(1)), NEVER), { signal: controller.signal })
    controller.abort('stop')
    expect(await promise).to.equal(1)
  })
})
