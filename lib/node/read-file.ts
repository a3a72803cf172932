import { Buffer } from 'node:buffer'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { withoutByteOrderMark } from '../common/text.ts'

/** No token and no list of certificates is longer. A device may never end. */
const MOST_BYTES = 16 * 2 ** 20
const CHUNK_BYTES = 65_536
const PAUSE_MS = 10

/** A file that was not read. Its message says why, and holds neither the path nor the contents. */
export class NotRead extends Error {}

/**
 * Reads a file of the configuration as text, without a byte order mark.
 *
 * The path may be that of a pipe, as a shell passes it for `<(command)`. A pipe without a writer is empty: it does not stop
 * the process until there is one, as `readFileSync` would.
 *
 * @param waitMs how long it may block until the writer of a pipe has written everything
 */
export function readFile(path: string, waitMs: number): string {
  // Windows has no such flag.
  const file = openSync(path, constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0))
  try {
    return withoutByteOrderMark(readAll(file, waitMs).toString())
  } finally {
    closeSync(file)
  }
}

function readAll(file: number, waitMs: number): Buffer {
  const chunks: Buffer[] = []
  let bytes = 0
  let waitedMs = 0
  for (;;) {
    const chunk = readChunk(file)
    if (chunk?.length === 0) return Buffer.concat(chunks)
    if (chunk === undefined) {
      if (waitedMs >= waitMs) throw new NotRead('is a pipe whose writer has not closed it')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
      waitedMs += PAUSE_MS
      continue
    }
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw new NotRead(`has more than ${MOST_BYTES} bytes`)
    chunks.push(chunk)
  }
}

/** The next bytes; none at the end, and undefined while the writer of a pipe has written none. */
function readChunk(file: number): Buffer | undefined {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  try {
    return chunk.subarray(0, readSync(file, chunk))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined
    throw error
  }
}
