import fc from 'fast-check'
import type { Bucket, BucketWire } from '../../lib/codec/bucket.ts'
import type { ClusterMapWire } from '../../lib/codec/cluster-map.ts'
import type { ClusterNodeWire } from '../../lib/codec/cluster-node.ts'
import type { ErrorBodyWire } from '../../lib/codec/error-body.ts'
import type { JobSnap, JobSnapWire } from '../../lib/codec/job-snap.ts'
import type { JobStats, JobStatsWire } from '../../lib/codec/job-stats.ts'
import type { JobStatus, JobStatusWire } from '../../lib/codec/job-status.ts'
import { parseJson } from '../../lib/codec/json.ts'
import type { JobRef } from '../../lib/codec/running.ts'
import type { Snapshots, SnapshotsWire } from '../../lib/codec/snapshots.ts'

// Wire values are canonical, as the server writes them: a codec must encode what it decoded to the same text.
// Values are what the library emits: a codec must decode what it encoded.

export const MAX_INT64: bigint = 2n ** 63n - 1n

/** Any text, including names of Object.prototype. */
const name: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme' }) },
  { weight: 2, arbitrary: fc.stringMatching(/^[A-Za-z0-9]{4}[pt]808[0-9]$/) },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'toJSON', '0') },
)

const nonEmptyText = name.filter((text) => text !== '')

export const int64: fc.Arbitrary<bigint> = fc.bigInt({ min: -MAX_INT64 - 1n, max: MAX_INT64 })

const int64Text: fc.Arbitrary<string> = int64.map(String)

/** A record without a prototype, with any keys. */
export function nullRecord<A>(value: fc.Arbitrary<A>, maxKeys = 4): fc.Arbitrary<Readonly<Record<string, A>>> {
  const entries = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: maxKeys })
  return entries.map((pairs) => {
    const record = Object.create(null) as Record<string, A>
    for (const [key, item] of pairs) record[key] = item
    return record
  })
}

/** A date in the years of RFC 3339, never the zero time. */
const date = fc.date({
  min: new Date('0001-01-02T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
})
const nanos = fc.oneof(fc.constantFrom(0, 1, 100_000_000, 999_999_999), fc.nat(999_999_999))

/** An RFC 3339 time as Go writes it in UTC. */
export const wireTime: fc.Arbitrary<string> = fc.tuple(date, nanos).map(([day, fraction]) => {
  const digits = String(fraction).padStart(9, '0').replace(/0+$/, '')
  return `${day.toISOString().slice(0, 19)}${digits && `.${digits}`}Z`
})

const wireTimeOrZero = fc.oneof({ weight: 2, arbitrary: wireTime }, fc.constant('0001-01-01T00:00:00Z'))

/** Nanoseconds since the Unix epoch, between the years 1 and 9999, never the zero time. */
export const instant: fc.Arbitrary<bigint> = fc
  .tuple(date, fc.nat(999_999))
  .map(([day, rest]) => BigInt(day.getTime()) * 1_000_000n + BigInt(rest))

const NO_BUCKET: BucketWire = { name: '', provider: '', namespace: { uuid: '', name: '' } }

export const wireBucket: fc.Arbitrary<BucketWire> = fc.record(
  {
    name,
    provider: fc.constantFrom('', 'ais', 'aws', 'gcp'),
    namespace: fc.oneof(
      fc.constant({ uuid: '', name: '' }),
      fc.record({ uuid: name, name }, { noNullPrototype: true }),
    ),
  },
  { noNullPrototype: true },
)

export const wireStats: fc.Arbitrary<JobStatsWire> = fc.record(
  {
    'loc-objs': int64Text,
    'loc-bytes': int64Text,
    'out-objs': int64Text,
    'out-bytes': int64Text,
    'in-objs': int64Text,
    'in-bytes': int64Text,
  },
  { noNullPrototype: true },
)

const ext = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  fc.json({ maxDepth: 3 }).map((text) => {
    const json = parseJson(text)
    return json._tag === 'Right' ? json.right : null
  }),
)

const optionalWireBucket = fc.oneof(fc.constant(NO_BUCKET), wireBucket)

export const wireSnap: fc.Arbitrary<JobSnapWire> = fc.record(
  {
    ext,
    'start-time': wireTimeOrZero,
    'end-time': wireTimeOrZero,
    bck: wireBucket,
    'src-bck': optionalWireBucket,
    'dst-bck': optionalWireBucket,
    id: name,
    kind: name,
    ctlmsg: nonEmptyText,
    'abort-err': name,
    err: name,
    'glob.id': fc.oneof(fc.constant('0'), int64Text),
    stats: wireStats,
    aborted: fc.boolean(),
    is_idle: fc.boolean(),
  },
  {
    requiredKeys: [
      'ext',
      'start-time',
      'end-time',
      'bck',
      'src-bck',
      'dst-bck',
      'id',
      'kind',
      'abort-err',
      'err',
      'glob.id',
      'stats',
      'aborted',
      'is_idle',
    ],
    noNullPrototype: true,
  },
)

export const wireSnapshots: fc.Arbitrary<SnapshotsWire> = nullRecord(fc.array(wireSnap, { maxLength: 3 }))

const nanoNumber = fc.oneof(
  fc.constantFrom(0, 1),
  fc.maxSafeNat(),
  fc.bigInt({ min: BigInt(Number.MAX_SAFE_INTEGER) + 1n, max: MAX_INT64 }),
)

export const wireStatus: fc.Arbitrary<JobStatusWire> = fc.record(
  { kind: name, uuid: name, err: name, end_time: nanoNumber, aborted: fc.boolean() },
  { noNullPrototype: true },
)

/** `kind[id]`: neither is empty, and the kind has no bracket. */
export const jobRef: fc.Arbitrary<JobRef> = fc.record(
  { id: nonEmptyText, kind: nonEmptyText.filter((kind) => !kind.includes('[')) },
  { noNullPrototype: true },
)

export const wireErrorBody: fc.Arbitrary<ErrorBodyWire> = fc.record(
  {
    tcode: name,
    message: name,
    method: name,
    url_path: name,
    remote_addr: name,
    caller: name,
    node: name,
    status: fc.nat(599),
  },
  { requiredKeys: ['message'], noNullPrototype: true },
)

const wireNode: fc.Arbitrary<ClusterNodeWire> = fc.record(
  { public_net: fc.record({ direct_url: name }, { noNullPrototype: true }), daemon_id: name, flags: fc.nat(31) },
  { noNullPrototype: true },
)

const wireNodes = nullRecord(wireNode).map((nodes) => {
  const consistent = Object.create(null) as Record<string, ClusterNodeWire>
  for (const [id, node] of Object.entries(nodes)) consistent[id] = { ...node, daemon_id: id }
  return consistent
})

/** A map whose primary is one of its proxies. */
export const wireClusterMap: fc.Arbitrary<ClusterMapWire> = fc
  .tuple(wireNodes, wireNodes, wireNode, name, int64Text)
  .map(([pmap, tmap, proxy_si, uuid, version]) => {
    const proxies = Object.assign(Object.create(null) as Record<string, ClusterNodeWire>, pmap)
    proxies[proxy_si.daemon_id] = proxy_si
    return { pmap: proxies, proxy_si, tmap, uuid, version }
  })

// ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const bucket: fc.Arbitrary<Bucket> = fc.record(
  {
    name: nonEmptyText,
    provider: nonEmptyText,
    namespace: fc.record({ uuid: nonEmptyText, name }, { noNullPrototype: true }),
  },
  { requiredKeys: ['name'], noNullPrototype: true },
)

export const stats: fc.Arbitrary<JobStats> = fc.record(
  { objects: int64, bytes: int64, outObjects: int64, outBytes: int64, inObjects: int64, inBytes: int64 },
  { noNullPrototype: true },
)

export const jobSnap: fc.Arbitrary<JobSnap> = fc.record(
  {
    id: name,
    kind: name,
    startTime: instant,
    endTime: instant,
    bck: bucket,
    srcBck: bucket,
    dstBck: bucket,
    stats,
    aborted: fc.boolean(),
    abortErr: name,
    err: name,
    isIdle: fc.boolean(),
    ctlMsg: nonEmptyText,
    ext,
    joggers: fc.nat(1023),
    workers: fc.nat(1023),
    chanFull: fc.oneof(
      fc.nat(9),
      fc.maxSafeNat().map((n) => n % 2 ** 44),
    ),
  },
  {
    requiredKeys: [
      'id',
      'kind',
      'bck',
      'stats',
      'aborted',
      'abortErr',
      'err',
      'isIdle',
      'ext',
      'joggers',
      'workers',
      'chanFull',
    ],
    noNullPrototype: true,
  },
)

export const snapshots: fc.Arbitrary<Snapshots> = nullRecord(fc.array(jobSnap, { maxLength: 3 }))

export const jobStatus: fc.Arbitrary<JobStatus> = fc.record(
  { id: name, kind: name, err: name, endTime: fc.bigInt({ min: 1n, max: MAX_INT64 }), aborted: fc.boolean() },
  { requiredKeys: ['id', 'kind', 'err', 'aborted'], noNullPrototype: true },
)
