import { once } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { buffer, text } from 'node:stream/consumers'
import { createGunzip, createGzip } from 'node:zlib'
import { expect } from 'chai'
import { NEVER, Observable, concat, of, range, throwError } from 'rxjs'
import { right } from '../../../lib/common/either.ts'
import { AisError } from '../../../lib/index.ts'
import { OverflowError, toReadable } from '../../../lib/node/index.ts'

// `toReadable` is a stream as a `Readable` of Node: one line of JSON for each value, unless an option says otherwise.

/** A source that never emits, and the number of its subscribers. */
function silentSource(): { readonly source: Observable<number>; readonly open: () => number } {
  let open = 0
  const source = new Observable<number>(() => {
    open++
    return () => open--
  })
  return { source, open: () => open }
}

/** The reason with which a promise rejects. */
const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (reason: unknown) => reason,
  )

/** Lets the microtasks and the stream run. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('toReadable', () => {
  it('writes a line of JSON for each value, with a bigint as a string', async () => {
    const source = of({ id: 'g1', objects: 2n ** 60n }, right({ at: 1n }))
    expect(await text(toReadable(source))).to.equal(
      '{"id":"g1","objects":"1152921504606846976"}\n{"_tag":"Right","right":{"at":"1"}}\n',
    )
  })

  it('writes null for a value that JSON does not have', async () => {
    expect(await text(toReadable(of(1, undefined, null, () => 2, 3)))).to.equal('1\nnull\nnull\nnull\n3\n')
  })

  it('passes values on unchanged with `objects`', async () => {
    const values = [{ n: 1n }, { n: 2n }]
    expect(await toReadable(of(...values), { encode: 'objects' }).toArray()).to.deep.equal(values)
  })

  it('writes the text or the bytes that a function returns', async () => {
    const readable = toReadable(of(1, 2), { encode: (n) => (n === 1 ? 'one,' : new Uint8Array([116, 119, 111])) })
    expect((await buffer(readable)).toString()).to.equal('one,two')
  })

  it('subscribes with the first read', async () => {
    const { source, open } = silentSource()
    const readable = toReadable(source)
    await nextTurn()
    expect(open()).to.equal(0)
    readable.resume()
    await nextTurn()
    expect(open()).to.equal(1)
    readable.destroy()
  })

  it('goes through gzip in a pipeline', async () => {
    const chunks: Buffer[] = []
    const sink = new Writable({
      write(chunk: Buffer, _, done) {
        chunks.push(chunk)
        done()
      },
    })
    await pipeline(toReadable(range(0, 500)), createGzip(), createGunzip(), sink)
    expect(Buffer.concat(chunks).toString().trim().split('\n')).to.deep.equal(
      Array.from({ length: 500 }, (_, n) => String(n)),
    )
  })

  it('unsubscribes from a silent stream when it is destroyed', async () => {
    const { source, open } = silentSource()
    const readable = toReadable(source)
    readable.resume()
    await nextTurn()
    readable.destroy()
    expect(open()).to.equal(0)
    await once(readable, 'close')
  })

  it('subscribes to nothing if it is destroyed before the first read', async () => {
    const { source, open } = silentSource()
    const readable = toReadable(source)
    readable.destroy()
    await once(readable, 'close')
    expect(open()).to.equal(0)
  })

  it('unsubscribes when a pipeline is aborted', async () => {
    const { source, open } = silentSource()
    const controller = new AbortController()
    const sink = new Writable({ write: (_, __, done) => done() })
    const piped = rejectionOf(pipeline(toReadable(source), sink, { signal: controller.signal }))
    await nextTurn()
    expect(open()).to.equal(1)
    controller.abort()
    expect(await piped).to.have.property('name', 'AbortError')
    expect(open()).to.equal(0)
  })

  it('unsubscribes when the other end of a pipeline fails', async () => {
    let open = 0
    const source = new Observable<number>((subscriber) => {
      open++
      subscriber.next(1)
      return () => open--
    })
    const sink = new Writable({ write: (_, __, done) => done(new Error('disk full')) })
    expect(await rejectionOf(pipeline(toReadable(source), sink))).to.have.property('message', 'disk full')
    expect(open).to.equal(0)
  })

  it('is destroyed with the reason of its signal', async () => {
    const { source, open } = silentSource()
    const controller = new AbortController()
    const readable = toReadable(source, { signal: controller.signal })
    readable.resume()
    await nextTurn()
    const failed = once(readable, 'error')
    const reason = new Error('stop')
    controller.abort(reason)
    expect(await failed).to.deep.equal([reason])
    expect(open()).to.equal(0)
  })

  it('is destroyed at once by a signal that has already fired', async () => {
    const { source, open } = silentSource()
    const readable = toReadable(source, { signal: AbortSignal.abort(new Error('stop')) })
    expect(await rejectionOf(text(readable))).to.have.property('message', 'stop')
    expect(open()).to.equal(0)
  })

  it('writes the values before an error of the stream, then is destroyed with it', async () => {
    const readable = toReadable(
      concat(
        of(1, 2),
        throwError(() => new Error('defect')),
      ),
    )
    const lines: string[] = []
    readable.on('data', (line: Buffer) => lines.push(line.toString()))
    expect(await rejectionOf(once(readable, 'end'))).to.have.property('message', 'defect')
    expect(lines.join('')).to.equal('1\n2\n')
  })

  it('is destroyed with the error of a value that cannot be encoded, and unsubscribes', async () => {
    let open = 0
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    const source = new Observable<unknown>((subscriber) => {
      open++
      subscriber.next(cyclic)
      return () => open--
    })
    expect(await rejectionOf(text(toReadable(source)))).to.be.instanceOf(TypeError)
    expect(open).to.equal(0)
  })

  it('refuses null in object mode, where it would end the stream', async () => {
    expect(await rejectionOf(toReadable(of(null), { encode: 'objects' }).toArray())).to.be.instanceOf(TypeError)
  })

  it('pulls no faster than its reader reads, and fails beyond the limit', async () => {
    const readable = toReadable(concat(range(0, 100), NEVER), { encode: 'objects', limit: 10 })
    const got: unknown[] = []
    const reading = (async () => {
      for await (const value of readable as AsyncIterable<unknown>) {
        got.push(value)
        await nextTurn()
      }
    })()
    expect(await rejectionOf(reading)).to.be.instanceOf(OverflowError)
    expect(got.length).to.be.within(1, 11)
  })

  it('is a Readable', () => {
    expect(toReadable(of(1))).to.be.instanceOf(Readable)
  })

  it('refuses an `encode` that it does not know', () => {
    expect(() => toReadable(of(1), { encode: 'xml' as 'ndjson' }))
      .to.throw(AisError)
      .with.nested.property('error.argument', 'encode')
  })

  it('refuses a source that is no Observable, and options that are no object', () => {
    expect(() => toReadable(Promise.resolve(1) as never))
      .to.throw(AisError)
      .with.nested.property('error.argument', 'source')
    expect(() => toReadable(of(1), null as never))
      .to.throw(AisError)
      .with.nested.property('error.argument', 'options')
  })
})
