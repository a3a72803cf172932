import { Readable } from 'node:stream'
import type { Observable } from 'rxjs'
import { toJson } from '../codec/to-json.ts'
import { requireArgument } from '../error.ts'
import { checkPull, type PullOptions } from './pull-options.ts'
import { PullIterator } from './to-async-iterable.ts'

/** How {@link toReadable} writes its values. */
export interface ReadableOptions<A> extends PullOptions {
  /**
   * `ndjson` writes one line of JSON for each value, through `toJson`; `objects` passes the values on as they are, in object
   * mode; a function returns the text or bytes of a value. Defaults to `ndjson`.
   */
  readonly encode?: 'ndjson' | 'objects' | ((value: A) => string | Uint8Array) | undefined
}

/**
 * Converts a stream to a Node Readable.
 *
 * Use it with `pipeline()`: to a file, through gzip, into an HTTP response.
 *
 * It subscribes with the first read and pulls as fast as its consumer reads. `destroy()`, a failed `pipeline()` and a signal
 * unsubscribe at once, even if the stream is silent.
 *
 * @param source the stream
 * @param options the options of `toAsyncIterable`, and `encode`. With `latest`, the Readable itself holds one more value
 * @returns a Readable. It is destroyed with an error of the source or of `encode`, with OverflowError, or with the reason of
 * `signal`
 * @throws AisError with InvalidArgument if an argument is invalid
 * @example
 * import { createWriteStream } from 'node:fs'
 * import { pipeline } from 'node:stream/promises'
 * import { createCluster, explain, jobEvents, rights } from 'aistore-rx'
 * import { toReadable } from 'aistore-rx/node'
 * const cluster = createCluster('http://localhost:8080')
 * const events = jobEvents(cluster).pipe(rights({ onLeft: (error) => console.error(explain(error)) }))
 * await pipeline(toReadable(events), createWriteStream('events.ndjson'))
 */
export function toReadable<A>(source: Observable<A>, options: ReadableOptions<A> = {}): Readable {
  const settings = checkPull(source, options)
  const { encode = 'ndjson' } = options
  const isKnown = encode === 'ndjson' || encode === 'objects' || typeof encode === 'function'
  requireArgument('encode', encode, isKnown, "'ndjson', 'objects' or a function")
  const { signal } = settings
  // The Readable listens to the signal itself: the iterator learns of it only while a read is pending.
  const values = new PullIterator(source, { ...settings, signal: undefined })
  const aborted = (): void => {
    readable.destroy(signal?.reason as Error)
  }
  const readable = new Readable({
    // The Readable itself buffers one value only, so that `limit` applies to all others, which wait in the iterator.
    ...(encode === 'objects' ? { objectMode: true, highWaterMark: 1 } : {}),
    read() {
      values.next().then(
        (result) => {
          if (result.done === true) readable.push(null)
          else pushTo(readable, encode, result.value)
        },
        (error: unknown) => readable.destroy(error as Error),
      )
    },
    destroy(error, done) {
      signal?.removeEventListener('abort', aborted)
      void values.return()
      done(error)
    },
  })
  if (signal?.aborted === true) aborted()
  else signal?.addEventListener('abort', aborted)
  return readable
}

function pushTo<A>(readable: Readable, encode: NonNullable<ReadableOptions<A>['encode']>, value: A): void {
  try {
    if (encode === 'ndjson') readable.push(`${jsonTextOf(value)}\n`)
    else if (encode === 'objects') pushObject(readable, value)
    else readable.push(encode(value))
  } catch (error) {
    readable.destroy(error as Error)
  }
}

/** JSON has no undefined, which `totalTime` and `abort` emit: in an array, it is a null. */
const jsonTextOf = (value: unknown): string => JSON.stringify([toJson(value)]).slice(1, -1)

/** A Readable in object mode ends at a null, so null and undefined cannot be values. */
function pushObject(readable: Readable, value: unknown): void {
  if (value === null || value === undefined)
    throw new TypeError(`toReadable: a Readable in object mode cannot hold ${String(value)}`)
  readable.push(value)
}
