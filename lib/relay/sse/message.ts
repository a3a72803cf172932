import { stringifyJson } from '../../codec/json.ts'
import { jsonOf } from '../../codec/to-json.ts'
import { SSE_EVENTS } from '../../common/sse-events.ts'
import { AisError, type JobError } from '../../error.ts'
import { scrubbed } from '../scrub.ts'

/** Returns the text of a message, with its id. */
export type Message = (id: string) => string

/** The members of values that hold texts of the cluster, decoded and as on the wire. */
const TEXTS = new Set([
  'err',
  'error',
  'abort-err',
  'abortErr',
  'ctlmsg',
  'ctlMsg',
  'reason',
  'endpoint',
  'description',
])

/**
 * The message for a value of the stream. For a Left it has the error, for a Right the answer, and for any other value
 * the value itself.
 */
export function messageOf(value: unknown, encode: (value: unknown) => unknown): Message {
  if (hasTag(value, 'Left') && 'left' in value) return leftMessage(value.left)
  const answer = hasTag(value, 'Right') && 'right' in value ? value.right : value
  const json = stringifyJson(clean(encode(answer), (name) => TEXTS.has(name)))
  return (id) => `id: ${id}\ndata: ${json}\n\n`
}

/**
 * The message for an error in the error channel. For an AisError it has the `JobError`; a defect is not described,
 * because its text may hold anything.
 */
export function failureMessage(error: unknown): Message {
  return leftMessage(error instanceof AisError ? error.error : DEFECT)
}

const DEFECT: JobError = {
  _tag: 'HttpError',
  status: 500,
  message: 'the stream failed',
  request: { method: 'GET', path: '', query: '' },
}

// All texts of an error may hold addresses. `last` of a WaitTimeout is left out: it is as large as a reply, and no page
// shows it.
const leftMessage = (error: unknown): Message => {
  const json = stringifyJson(clean({ ...(error as object), last: undefined }, () => true))
  return (id) => `event: ${SSE_EVENTS.left}\nid: ${id}\ndata: ${json}\n\n`
}

/** A message that only shows that the connection is alive, and says how often the next ones come. */
export const beatMessage = (everyMs: number): string => `event: ${SSE_EVENTS.beat}\ndata: ${everyMs}\n\n`

// A browser ignores an event without data.
export const END_MESSAGE = `event: ${SSE_EVENTS.end}\ndata: end\n\n`

const hasTag = (value: unknown, tag: 'Left' | 'Right'): value is object =>
  typeof value === 'object' && value !== null && '_tag' in value && value._tag === tag

/** A copy without the addresses in those texts whose names `isText` accepts. */
function clean(given: unknown, isText: (name: string) => boolean, name = ''): unknown {
  // A Date has no members of its own to copy.
  const value = jsonOf(given)
  if (typeof value === 'string') return isText(name) ? scrubbed(value, name) : value
  if (Array.isArray(value)) return value.map((item) => clean(item, isText, name))
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value))
    // A target may be named __proto__.
    Object.defineProperty(copy, key, {
      value: clean(member, isText, key),
      writable: true,
      enumerable: true,
      configurable: true,
    })
  return copy
}
