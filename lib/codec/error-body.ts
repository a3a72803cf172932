import * as t from 'io-ts'
import { absentIfWrong, Text } from './members.ts'
import { renamed } from './renamed.ts'

const MaybeText = absentIfWrong(t.string)

// A refusal must be told whatever it looks like: only the message is required, and a member of a wrong type is dropped.
const ErrorBodySchema = renamed(
  { url_path: 'urlPath', remote_addr: 'remoteAddr' },
  t.type(
    {
      /** The type name of the error, such as `ErrBusy`; plain errors have none. */
      tcode: MaybeText,
      message: Text,
      method: MaybeText,
      urlPath: MaybeText,
      remoteAddr: MaybeText,
      caller: MaybeText,
      /** The node that refused, as the cluster names it. */
      node: MaybeText,
      status: absentIfWrong(t.number),
    },
    'ErrorBody',
  ),
)

/** What the cluster says when it refuses. */
export interface ErrorBody extends t.TypeOf<typeof ErrorBodySchema> {}

/** A refusal as the cluster writes it. */
export interface ErrorBodyWire extends t.OutputOf<typeof ErrorBodySchema> {}

/**
 * The body of a refusal, tolerant of everything but a missing message.
 *
 * Source: protocol 3.5.
 */
export const ErrorBody: t.Type<ErrorBody, ErrorBodyWire> = ErrorBodySchema
