import type { Either } from 'fp-ts/lib/Either.js'
import { isLeft, right } from '../common/either.ts'
import { setOwn } from '../common/set-own.ts'
import { decode, type Undecodable } from './decode.ts'
import { parseExactly } from './exact.ts'
import { JobSnap } from './job-snap.ts'
import { MAX_DEPTH, endOfObject, endOfString, mayBeDeep } from './json-shape.ts'
import { Snapshots } from './snapshots.ts'

/** Shorter texts are parsed as a whole, which is simpler and takes little memory. */
const LONG = 65_536
const NULL = 'null'
/** How deep a snapshot may nest. The object and the list around it are two levels. */
const MOST_LEVELS = MAX_DEPTH - 2

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
    // A cluster ends the list of each target with a newline (protocol 2.0).
    at = afterSpace(text, next)
  }
  return at > 0 && text.charAt(at) === '}' && afterSpace(text, at + 1) === text.length ? record : undefined
}

/** Reads the list that begins at `start`, and returns its end; undefined if the codec has to read the text. */
function endOfList(text: string, start: number, snaps: JobSnap[]): number | undefined {
  if (text.startsWith('[]', start)) return start + 2
  let at = start
  for (let separator = '['; text.charAt(at) === separator; separator = ',') {
    const object = objectBeforeNext(text, at + 1) ?? objectAt(text, at + 1)
    const snap = JobSnap.decode(object.value)
    if (isLeft(snap)) return undefined
    snaps.push(snap.right)
    at = object.end
  }
  return text.charAt(at) === ']' ? at + 1 : undefined
}

interface Parsed {
  /** Undefined if the text is not JSON. */
  readonly value: unknown
  /** The index after the text. */
  readonly end: number
}

/**
 * Parses the object that begins at `start` and that another one follows. Undefined if there may be no such object.
 *
 * This is faster than to look for the end of the object. If the end is another one, the text is not JSON: either a bracket or a
 * string is open, or there is more than one value.
 */
function objectBeforeNext(text: string, start: number): Parsed | undefined {
  const end = text.indexOf('},{', start) + 1
  const object = text.slice(start, end)
  const value = end === 0 || mayBeDeep(object, MOST_LEVELS) ? undefined : parsed(object)
  return value === undefined ? undefined : { value, end }
}

/** Parses the object that begins at `start`. */
function objectAt(text: string, start: number): Parsed {
  const end = endOfObject(text, start, MOST_LEVELS)
  return { value: parsed(text.slice(start, end)), end }
}

function afterSpace(text: string, start: number): number {
  let at = start
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++
  return at
}

/** Undefined if the text is not JSON. */
function parsed(text: string): unknown {
  try {
    return parseExactly(text)
  } catch {
    return undefined
  }
}
