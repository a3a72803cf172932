import { createCluster } from '../../../lib/emulator/cluster/create.ts'
import { nanoseconds } from '../../../lib/emulator/cluster/instant.ts'
import { launch } from '../../../lib/emulator/cluster/launch.ts'
import type { NoticedJob } from '../../../lib/emulator/cluster/notice.ts'
import { snapshotOf, type Snapshot } from '../../../lib/emulator/cluster/snapshot.ts'
import type { Cluster } from '../../../lib/emulator/cluster/state.ts'
import { timeText, ZERO_TIME } from '../../../lib/emulator/cluster/time-text.ts'
import { mapReply } from '../../../lib/emulator/http/cluster-map.ts'
import {
  runningReply,
  snapshotsReply,
  statusReply,
  statusText,
  statusesReply,
} from '../../../lib/emulator/http/cluster-queries.ts'
import { errorReply } from '../../../lib/emulator/http/error-reply.ts'
import { empty as emptyReply, JSON_TYPE, reply, type Answer } from '../../../lib/emulator/http/exchange.ts'
import { defined } from '../../../lib/common/defined.ts'
import type { HttpResponse } from '../../../lib/transport/transport.ts'

// Single replies, for scripts. The emulator writes all of them, so that no spec contains wire text.

/** The wall time of virtual time 0, far beyond 2^53 nanoseconds. */
export const ORIGIN_NS = 1795427154572988356n

/** The wall time of a virtual millisecond, as the decoded values show it. */
export const ns = (ms: number): bigint => ORIGIN_NS + BigInt(ms) * 1_000_000n

/** The default job of a reply. */
export const ID = 'oFIsIapbT'

/** The emulated cluster that writes the replies. */
const writer = createCluster({ originNs: ORIGIN_NS, targets: 1, proxies: 1 })

const response = ({ status, headers, body }: Answer): HttpResponse => ({ status, headers, body })

/** A reply with this value as JSON. */
export const json = (value: unknown, status: number = 200): HttpResponse =>
  response(reply(JSON.stringify(value), JSON_TYPE, 0, status))

/** A reply without a body. */
export const withoutBody = (status: number): HttpResponse => response(emptyReply(status))

/** An HTML page of something between the client and the cluster. */
export const htmlPage = (status: number): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: '<html><body>upstream</body></html>',
})

/** JSON that no codec of a query decodes. */
export const undecodable: HttpResponse = json({ uuid: 7, t1: [{ id: 7 }] })

// ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────

const request = { node: 'p1', method: 'GET', path: '/v1/cluster', query: '', headers: {}, body: '', remote: '' }

/** A refusal of a proxy. */
export const refusal = (status: number, message: string, tcode?: string): HttpResponse =>
  response(errorReply({ status, message, ...defined({ tcode }) }, { request, proxy: 'p1' }))

/** No target knows the job. */
export const snapshotsUnknown: HttpResponse = refusal(404, `"x-[${ID}]" not found`)

/** The Information Center does not know the job. */
export const statusUnknown: HttpResponse = refusal(404, `p[p1]: x-[${ID}] does not exist`, 'ErrNotFound')

/** A target is unreachable. */
export const targetUnreachable: HttpResponse = refusal(
  400,
  'p[p1]: failed to call t[t2] [control-plane], err: connection refused',
  'ErrFailedTo',
)

// ── statuses ─────────────────────────────────────────────────────────────────────────────────────────────────────

export interface StatusOptions {
  readonly id?: string
  readonly kind?: string
  readonly endMs?: number
  readonly aborted?: boolean
  readonly err?: string
}

/** For the emulator, an end at time 0 means that there is no end. The time 0 of this cluster is therefore long before ours. */
const LONG_MS = 1_000_000_000
const longRunning: Cluster = { ...writer, originNs: ORIGIN_NS - BigInt(LONG_MS) * 1_000_000n }

/** A status as the Information Center writes it. */
export function statusRow({ id = ID, kind = 'copy-bck', endMs, aborted = false, err = '' }: StatusOptions): string {
  const job = { id, kind } as NoticedJob
  return statusText(
    longRunning,
    { job, report: { endMs: endMs === undefined ? 0 : endMs + LONG_MS, aborted, err } },
    true,
  )
}

/** The reply with one status. */
export const statusIs = (options: StatusOptions = {}): HttpResponse => response(statusReply(statusRow(options)))

/** The reply with a list of statuses. A list has no errors (T11); an empty one is `null`. */
export const statusesAre = (all: readonly StatusOptions[]): HttpResponse =>
  response(statusesReply(all.map((one) => statusRow({ ...one, err: '' }))))

/** The reply with the running jobs, as the targets list them. */
export const runningAre = (jobs: readonly { readonly id: string; readonly kind: string }[]): HttpResponse =>
  response(runningReply(jobs.map(({ id, kind }) => `${kind}[${id}]`)))

// ── snapshots ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface SnapOptions {
  readonly id?: string
  readonly kind?: string
  /** `null` if the job has not begun on this target. */
  readonly startMs?: number | null
  readonly endMs?: number
  readonly aborted?: boolean
  readonly abortErr?: string
  readonly err?: string
  readonly idle?: boolean
}

const wireTime = (ms: number | undefined): string => (ms === undefined ? ZERO_TIME : timeText(nanoseconds(writer, ms)))

/** When the snapshots are taken: the job has run for a second. */
const SEEN_MS = 1_000
const byKind = new Map<string, Snapshot>()

/** A snapshot of any run of this kind. */
function anySnapshotOf(kind: string): Snapshot {
  const known = byKind.get(kind)
  if (known !== undefined) return known
  const { runs } = launch(writer, 0, { kind, objects: 1, objectSize: 1_024 })
  const one = snapshotOf(writer, runs[0]!, SEEN_MS)
  byKind.set(kind, one)
  return one
}

/** The snapshot of one target as on the wire; the job runs by default. */
export function snap(options: SnapOptions = {}): Snapshot {
  const { id = ID, kind = 'copy-bck', startMs = 0 } = options
  return snapOf({ ...anySnapshotOf(kind), id }, { ...options, startMs })
}

/** The same snapshot in another state. */
export function snapOf(own: Snapshot, options: SnapOptions): Snapshot {
  const { startMs, endMs, aborted = false, abortErr = '', err = '', idle } = options
  return {
    ...own,
    'start-time': startMs === undefined ? own['start-time'] : wireTime(startMs ?? undefined),
    'end-time': wireTime(endMs),
    'abort-err': abortErr,
    err,
    aborted,
    // An ordinary job that does not run is also idle (T22).
    is_idle: idle ?? (aborted || endMs !== undefined),
  }
}

/** The reply with the snapshots of each target. Without snapshots, it is `{}`, or has an empty list for each target. */
export const snapshotsAre = (targets: Readonly<Record<string, readonly object[]>>): HttpResponse =>
  response(snapshotsReply(Object.entries(targets).map(([target, snaps]) => [target, JSON.stringify(snaps)])))

/** All targets show the same snapshot. */
export const allTargetsShow = (one: object, targets: readonly string[] = ['t1', 't2', 't3']): HttpResponse =>
  snapshotsAre(Object.fromEntries(targets.map((target) => [target, [one]])))

// ── the map ──────────────────────────────────────────────────────────────────────────────────────────────────────

export interface MapOptions {
  readonly proxies: readonly string[]
  readonly targets?: readonly string[]
  /** The members of the Information Center. */
  readonly ic?: readonly string[]
  /** Defaults to the first proxy. */
  readonly primary?: string
  readonly version?: number
  readonly uuid?: string
  readonly flags?: Readonly<Record<string, number>>
  /** The public addresses. Default to `http://<id>`. */
  readonly urls?: Readonly<Record<string, string>>
}

const IC_FLAG = 2

/** The reply with a map of these nodes. */
export function clusterMap(options: MapOptions): HttpResponse {
  const { proxies, targets = [], ic = [], primary = proxies[0] ?? '', version = 1, uuid = 'u' } = options
  const { flags = {}, urls = {} } = options
  const many = createCluster({ originNs: ORIGIN_NS, targets: targets.length, proxies: proxies.length })
  const withIds = <N extends object>(nodes: readonly N[], ids: readonly string[]): N[] =>
    nodes.map((node, n) => ({ ...node, id: ids[n]!, url: `http://${ids[n]!}` }))
  const cluster: Cluster = {
    ...many,
    proxies: withIds(many.proxies, proxies),
    targets: withIds(many.targets, targets),
    primary,
    version,
    uuid,
  }
  const { body, ...rest } = response(mapReply(cluster, ({ id }) => (flags[id] ?? 0) | (ic.includes(id) ? IC_FLAG : 0)))
  // A spec may also want an invalid address, which the emulator cannot write.
  const bend = (text: string, [id, url]: readonly [string, string]): string =>
    text.replaceAll(`"direct_url":"http://${id}"`, `"direct_url":${JSON.stringify(url)}`)
  return { ...rest, body: Object.entries(urls).reduce(bend, body) }
}

/** The reply with a map of these targets behind one proxy. */
export const mapOf = (targets: readonly string[], flags: Readonly<Record<string, number>> = {}): HttpResponse =>
  clusterMap({ proxies: ['p1'], targets, flags, version: 7 })
