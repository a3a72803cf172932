import * as t from 'io-ts'
import { absentIfWrong, Text } from './members.ts'
import { isObject } from './object.ts'
import { renamed } from './renamed.ts'

const MaybeText = absentIfWrong(t.string)

// A refusal must reach the user in any form: only the message is required, and a member of a wrong type is dropped.
const ErrorBodySchema = renamed(
  { url_path: 'urlPath', remote_addr: 'remoteAddr' },

  {
    /** The type name of the error, such as `ErrBusy`. Plain errors have none. */
    tcode: MaybeText,
    message: Text,
    method: MaybeText,
    urlPath: MaybeText,
    remoteAddr: MaybeText,
    caller: MaybeText,
    /** The name of the node that refused the request. */
    node: MaybeText,
    status: absentIfWrong(t.number),
  },
  'ErrorBody',
)

/** The body of an error reply. */
export interface ErrorBody extends t.TypeOf<typeof ErrorBodySchema> {}

/** The body of an error reply, as the cluster writes it. */
export interface ErrorBodyWire extends t.OutputOf<typeof ErrorBodySchema> {}

/**
 * The body of an error reply. Accepts any object that has a message.
 *
 * Source: protocol 3.5.
 */
export const ErrorBody: t.Type<ErrorBody, ErrorBodyWire> = ErrorBodySchema

/** Members that only AIStore's error bodies have. */
const MARKS = ['tcode', 'method', 'url_path', 'remote_addr', 'caller', 'node']

/**
 * Whether an error body is AIStore's own. Gateways also send JSON with a `message`: with nothing else, or with members that
 * AIStore does not know.
 *
 * Source: protocol 3.5.
 */
export const isOfAIStore = (body: unknown): boolean =>
  isObject(body) &&
  typeof body['message'] === 'string' &&
  (MARKS.some((mark) => typeof body[mark] === 'string') ||
    (typeof body['status'] === 'number' && Object.keys(body).length === 2))
