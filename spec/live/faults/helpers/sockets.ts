import { until } from '../../helpers/until.ts'
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** A connection that this process has opened. Node sets `_httpMessage` while a request uses it. */
type Connection = Socket & { readonly _httpMessage?: unknown }

let opened: Connection[] = []
let mostOpen = 0

const open = (): readonly Socket[] => opened.filter(({ destroyed }) => !destroyed)

subscribe('net.client.socket', (message) => {
  opened.push((message as { readonly socket: Connection }).socket)
  mostOpen = Math.max(mostOpen, open().length)
})

/** Forgets the connections so far; for `beforeEach`. */
export const forgetConnections = (): void => {
  opened = []
  mostOpen = 0
}

/** Starts the count of {@link peak} again with the connections that are open now. */
export const forgetPeak = (): void => {
  mostOpen = open().length
}

/** The largest number of connections that were open at once since the last reset, in use or not. */
export const peak = (): number => mostOpen

/** The connections since {@link forgetConnections}, in the order in which they were opened. */
export const connections = (): readonly Socket[] => opened

/** The connections that are open and in use. Those that an agent keeps for later requests are not in use. */
export const inUse = (): readonly Socket[] =>
  opened.filter((socket) => !socket.destroyed && (socket._httpMessage ?? null) !== null)

/** Resolves when no connection is in use. */
export const allFree = (): Promise<void> => until(() => inUse().length === 0)
