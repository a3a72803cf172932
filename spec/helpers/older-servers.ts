import { readFileSync, readdirSync } from 'node:fs'
import type { Observable } from 'rxjs'
import type { Cluster } from '../../lib/cluster.ts'
import type { HttpResponse } from '../../lib/transport/transport.ts'
import type { World } from './fake-cluster.ts'
import { observe, type Observed, type ObserveOptions } from './observe.ts'
import type { Recorded } from './recorded.ts'

// Exchanges with real servers of older releases, and their replay in virtual time.

/** One request to a real server, and its reply. */
export interface Exchange {
  /** When the request was sent, in milliseconds since the recording began. */
  readonly t_ms: number
  /** The times at which an equal request got an equal reply. */
  readonly repeated_at_ms?: readonly number[]
  readonly to: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly request_body?: string
  readonly status: number
  readonly response_content_type: string
  readonly response_body: string
}

export interface Recording {
  readonly scenario: string
  readonly server: string
  readonly exchanges: readonly Exchange[]
}

const folder = new URL('../fixtures/older/', import.meta.url)

/** All recordings, by names such as `copy-bck-3.15`. */
export const recordings: Readonly<Record<string, Recording>> = Object.fromEntries(
  readdirSync(folder)
    .sort()
    .map((file) => [file.replace('.json', ''), JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Recording]),
)

/** The recording of a scenario with one release of AIStore. */
export function recordingOf(scenario: string, release: string): Recording {
  const recording = recordings[`${scenario}-${release}`]
  if (recording === undefined) throw new Error(`no recording of ${scenario} with AIStore ${release}`)
  return recording
}

/** The exchanges of a recording with this query, such as `what=status`. */
export const exchangesOf = (recording: Recording, query: string): readonly Exchange[] =>
  recording.exchanges.filter((exchange) => exchange.query === query)

/** When the server gave this reply. */
const timesOf = ({ t_ms, repeated_at_ms = [] }: Exchange): readonly number[] => [t_ms, ...repeated_at_ms]

/**
 * The recorded reply to a request: the last reply to an equal request that had been sent by `atMs`, or else the first one.
 * Throws if the recording has no equal request.
 */
function replyTo({ exchanges }: Recording, { method, path, query, text, atMs }: Recorded): HttpResponse {
  const equal = exchanges.filter(
    (one) => one.method === method && one.path === path && one.query === query && one.request_body === text,
  )
  const sent = equal.flatMap((exchange) => timesOf(exchange).map((ms) => ({ ms, exchange })))
  const earlier = sent.filter(({ ms }) => ms <= atMs).sort((a, b) => b.ms - a.ms)
  const exchange = earlier[0]?.exchange ?? equal[0]
  if (exchange === undefined) throw new Error(`not recorded: ${method} ${path}?${query} ${text ?? ''}`)
  return {
    status: exchange.status,
    headers: { 'content-type': exchange.response_content_type },
    body: exchange.response_body,
  }
}

/** Runs a stream in virtual time, on a cluster that replies as the recorded one did. */
export function replay<A>(
  recording: Recording,
  streamOf: (cluster: Cluster) => Observable<A>,
  options: ObserveOptions = {},
): Observed<A> {
  const reply = (_ms: number, request: Recorded): HttpResponse => replyTo(recording, request)
  const world: World = {
    status: reply,
    statuses: reply,
    snapshots: reply,
    running: reply,
    map: reply,
    download: reply,
    other: reply,
  }
  const [first] = recording.exchanges
  return observe(world, streamOf, { endpoints: [`http://${first?.to.replace('proxy ', '') ?? ''}`], ...options })
}
