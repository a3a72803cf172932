import { readFileSync, statSync } from 'node:fs'

/** No token and no list of certificates is longer. */
const MOST_BYTES = 16 * 2 ** 20

/** A file that is not read. Its message says why, and holds neither the path nor the contents. */
export class NotRead extends Error {}

/**
 * Reads a file of the configuration as text, without a byte order mark.
 *
 * Throws for anything but a file: a FIFO without a writer would stop the process for ever, and a device may never end.
 */
export function readFile(path: string): string {
  const stats = statSync(path)
  // The error of the system is clearer than ours.
  if (!stats.isFile() && !stats.isDirectory()) throw new NotRead('is a device, a pipe or a socket')
  if (stats.size > MOST_BYTES) throw new NotRead(`has more than ${MOST_BYTES} bytes`)
  const text = readFileSync(path, 'utf8')
  return text.startsWith('\ufeff') ? text.slice(1) : text
}
