import * as t from 'io-ts'
import { isObject, walked, type Walk, type WireObject } from './walk.ts'

/** What the cluster says when it refuses. */
export interface ErrorBody {
  /** The type name of the error, such as `ErrBusy`; plain errors have none. */
  readonly tcode?: string
  readonly message: string
  readonly method?: string
  readonly urlPath?: string
  readonly remoteAddr?: string
  readonly caller?: string
  /** The node that refused, as the cluster names it. */
  readonly node?: string
  readonly status?: number
}

/** A refusal as the cluster writes it, in its order. */
export interface ErrorBodyWire {
  readonly tcode?: string
  readonly message: string
  readonly method?: string
  readonly url_path?: string
  readonly remote_addr?: string
  readonly caller?: string
  readonly node?: string
  readonly status?: number
}

// A refusal must be told whatever it looks like: only the message is required, and a member of a wrong type is dropped.
function readErrorBody(value: unknown, walk: Walk): ErrorBody | undefined {
  const wire = walk.object(value)
  if (wire === undefined) return undefined
  return {
    ...text(wire, 'tcode', 'tcode'),
    message: walk.text(wire, 'message'),
    ...text(wire, 'method', 'method'),
    ...text(wire, 'url_path', 'urlPath'),
    ...text(wire, 'remote_addr', 'remoteAddr'),
    ...text(wire, 'caller', 'caller'),
    ...text(wire, 'node', 'node'),
    ...(typeof wire['status'] === 'number' ? { status: wire['status'] } : undefined),
  }
}

function encodeErrorBody(body: ErrorBody): ErrorBodyWire {
  const { tcode, message, method, urlPath, remoteAddr, caller, node, status } = body
  return {
    ...(tcode === undefined ? undefined : { tcode }),
    message,
    ...(method === undefined ? undefined : { method }),
    ...(urlPath === undefined ? undefined : { url_path: urlPath }),
    ...(remoteAddr === undefined ? undefined : { remote_addr: remoteAddr }),
    ...(caller === undefined ? undefined : { caller }),
    ...(node === undefined ? undefined : { node }),
    ...(status === undefined ? undefined : { status }),
  }
}

function text<K extends keyof ErrorBody>(wire: WireObject, from: string, to: K): { readonly [k in K]?: string } {
  const value = wire[from]
  return (typeof value === 'string' ? { [to]: value } : {}) as { [k in K]?: string }
}

const TEXTS = ['tcode', 'method', 'urlPath', 'remoteAddr', 'caller', 'node'] as const

function isErrorBody(value: unknown): value is ErrorBody {
  if (!isObject(value) || !t.string.is(value['message'])) return false
  const { status } = value
  return TEXTS.every((key) => isAbsentOr(t.string, value[key])) && isAbsentOr(t.number, status)
}

function isAbsentOr(type: t.Any, value: unknown): boolean {
  return value === undefined || type.is(value)
}

/**
 * The body of a refusal, tolerant of everything but a missing message.
 *
 * Source: protocol 3.5.
 */
export const ErrorBody: t.Type<ErrorBody, ErrorBodyWire> = walked(
  'ErrorBody',
  isErrorBody,
  readErrorBody,
  encodeErrorBody,
)
