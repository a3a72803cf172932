import { readFileSync, statSync } from 'node:fs'

/** The largest file that is read. No token and no list of certificates is longer. */
const MOST_BYTES = 16 * 2 ** 20

/** Why a file is not read. The message contains neither the path nor the contents. */
export class NotRead extends Error {}

/**
 * Reads a file of the configuration as text, without a byte order mark.
 *
 * Throws if the path is not that of a regular file: a FIFO without a writer would block the process for ever, and a device
 * may never end.
 */
export function readFile(path: string): string {
  const stats = statSync(path)
  // A directory passes, because the system's own error is clearer.
  if (!stats.isFile() && !stats.isDirectory()) throw new NotRead('is a device, a pipe or a socket')
  if (stats.size > MOST_BYTES) throw new NotRead(`has more than ${MOST_BYTES} bytes`)
  const text = readFileSync(path, 'utf8')
  return text.startsWith('\ufeff') ? text.slice(1) : text
}
