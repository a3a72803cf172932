import type { Buffer } from 'node:buffer'
import { brotliDecompress, gunzip, inflate, inflateRaw, type InputType } from 'node:zlib'
import { getOwn } from '../common/get-own.ts'
import { TransportFailure } from './failure.ts'
import { ENCODING } from './system-failure.ts'
import { REPLY_TOO_LARGE } from './transport.ts'

type Inflate = (
  bytes: InputType,
  options: { maxOutputLength: number },
  done: (error: Error | null, whole: Buffer) => void,
) => void

const BY_ENCODING: Readonly<Record<string, Inflate>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  br: brotliDecompress,
  // Some servers omit the zlib header of this encoding. The lower half of the first byte of such a header is 8.
  deflate: (bytes, options, done) =>
    (((bytes as Buffer)[0] ?? 0) & 0x0f) === 8 ? inflate(bytes, options, done) : inflateRaw(bytes, options, done),
}

/** The encodings of a reply in the order in which they were applied. */
export const encodingsOf = (header: string | undefined): readonly string[] =>
  (header ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')

/**
 * The library requests no encoding, but a server may use one and an intermediary may add another. With more encodings, a few
 * kilobytes could cost minutes: each decompression may inflate its input to the limit.
 */
const MOST_ENCODINGS = 2

/** Decompresses a body. Fails as soon as the result is longer than `limit`. */
export async function inflated(bytes: Buffer, encodings: readonly string[], limit: number): Promise<Buffer> {
  if (encodings.length > MOST_ENCODINGS) throw new TransportFailure(ENCODING)
  let whole = bytes
  for (const name of encodings.toReversed()) {
    const decompress = getOwn(BY_ENCODING, name)
    if (decompress === undefined) throw new TransportFailure(ENCODING)
    whole = await new Promise<Buffer>((resolve, reject) => {
      decompress(whole, { maxOutputLength: Math.min(limit, 2 ** 31 - 1) }, (error, more) => {
        if (error === null) resolve(more)
        else reject(tooLarge(error) ? new TransportFailure(REPLY_TOO_LARGE) : error)
      })
    })
  }
  return whole
}

const tooLarge = (error: NodeJS.ErrnoException): boolean => error.code === 'ERR_BUFFER_TOO_LARGE'
