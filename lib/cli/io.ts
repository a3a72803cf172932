import type { WriteStream } from 'node:tty'
import type { Variables } from '../node/cluster-from-env.ts'
import type { Transport } from '../transport/transport.ts'

/** A stream that the command writes to. A terminal has a size. */
export type Out = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>

/** Why a command must end early: a signal, a reader of its output that has gone, or output that cannot be written. */
export type Stop = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'EPIPE' | 'output'

/** What a command uses of its process. */
export interface Io {
  readonly stdout: Out
  readonly stderr: Out
  readonly env: Variables
  /** Sends the requests. Defaults to the transport of the library. */
  readonly transport?: Transport
  /** Fires when the command must end early. Its reason is a {@link Stop}. */
  readonly stop: AbortSignal
}

/** Whether blocks may be redrawn: the stream is a terminal that understands escape sequences, and does not belong to a CI. */
export const isLive = (out: Out, env: Variables): boolean =>
  out.isTTY === true && env['TERM'] !== 'dumb' && (env['CI'] ?? '') === ''

/** The width of a stream in cells. Without a terminal, the width is unlimited unless COLUMNS sets it. */
export function columnsOf(out: Out, env: Variables): number {
  if (out.isTTY === true && out.columns !== undefined && out.columns > 0) return out.columns
  const columns = Number(env['COLUMNS'])
  if (Number.isInteger(columns) && columns > 0) return columns
  return out.isTTY === true ? 80 : Infinity
}

/** Whether states are coloured. NO_COLOR wins over FORCE_COLOR and CLICOLOR_FORCE. */
export function hasColour(out: Out, env: Variables): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false
  const isForced = [env['FORCE_COLOR'], env['CLICOLOR_FORCE']].some((value = '') => value !== '' && value !== '0')
  return isForced || isLive(out, env)
}
