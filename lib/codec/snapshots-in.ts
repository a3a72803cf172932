import type { Either } from 'fp-ts/lib/Either.js'
import { isLeft, right } from '../common/either.ts'
import { setOwn } from '../common/set-own.ts'
import { decode, type Undecodable } from './decode.ts'
import { parseExactly } from './exact.ts'
import { JobSnap } from './job-snap.ts'
import { MAX_DEPTH, endOfObject, endOfString } from './json-shape.ts'
import { Snapshots } from './snapshots.ts'

/** Shorter texts are parsed as a whole, which is simpler and takes little memory. */
const LONG = 65_536
const NULL = 'null'

/**
 * Decodes a reply of snapshots. The result equals what the codec `Snapshots` decodes.
 *
 * A long text is parsed one snapshot after the other. Its parsed JSON takes several times the memory of the snapshots. If it
 * were parsed as a whole, this memory would outlive the young generation of the garbage collector.
 *
 * @param long the shortest length of a long text
 */
export function snapshotsIn(text: string, long: number = LONG): Either<Undecodable, Snapshots> {
  const read = text.length < long ? undefined : recordIn(text)
  return read === undefined ? decode(Snapshots, text) : right(read)
}

/** Undefined if the codec has to read the text, because it is unusual or wrong. */
function recordIn(text: string): Snapshots | undefined {
  const record: Record<string, readonly JobSnap[]> = {}
  let at = 0
  for (let separator = '{'; text.charAt(at) === separator; separator = ',') {
    const from = at + 1
    const end = text.charAt(from) === '"' ? endOfString(text, from) + 1 : 0
    if (end === 0 || text.charAt(end) !== ':') return undefined
    const snaps: JobSnap[] = []
    const next = text.startsWith(NULL, end + 1) ? end + 1 + NULL.length : endOfList(text, end + 1, snaps)
    const target = next === undefined ? undefined : parsed(text.slice(from, end))
    if (next === undefined || typeof target !== 'string') return undefined
    setOwn(record, target, snaps)
    at = next
  }
  return at > 0 && /^\}[ \t\r\n]*$/.test(text.slice(at)) ? record : undefined
}

/** Reads the list that begins at `start`, and returns its end; undefined if the codec has to read the text. */
function endOfList(text: string, start: number, snaps: JobSnap[]): number | undefined {
  if (text.startsWith('[]', start)) return start + 2
  let at = start
  for (let separator = '['; text.charAt(at) === separator; separator = ',') {
    // The object and the list around the snapshot are two levels.
    const end = endOfObject(text, at + 1, MAX_DEPTH - 2)
    const snap = JobSnap.decode(parsed(text.slice(at + 1, end)))
    if (isLeft(snap)) return undefined
    snaps.push(snap.right)
    at = end
  }
  return text.charAt(at) === ']' ? at + 1 : undefined
}

/** Undefined if the text is not JSON. */
function parsed(text: string): unknown {
  try {
    return parseExactly(text)
  } catch {
    return undefined
  }
}
