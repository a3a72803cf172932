import { isRemote, type Bucket } from '../cluster/bucket.ts'
import { anything, decode, struct } from './go-decode.ts'

/** The server's default bucket properties. */
export const defaultProps = {
  write_policy: { data: 'immediate', md: 'immediate' },
  checksum: {
    type: 'xxhash2',
    validate_cold_get: false,
    validate_warm_get: false,
    validate_obj_move: false,
    enable_read_range: false,
  },
  rate_limit: {
    backend: { interval: '1m', max_tokens: 1000, enabled: false, num_retries: 3 },
    frontend: { interval: '1m', max_tokens: 1000, enabled: false, burst_size: 375 },
  },
  ec: {
    compression: 'never',
    bundle_multiplier: 2,
    burst_buffer: 512,
    objsize_limit: 262144,
    data_slices: 2,
    parity_slices: 2,
    enabled: false,
    disk_only: false,
  },
  chunks: { objsize_limit: '0B', max_monolithic_size: '1TiB', chunk_size: '1GiB' },
  mirror: { copies: 2, burst_buffer: 512, enabled: false },
  lru: { dont_evict_time: '2h0m', capacity_upd_time: '10m', batch_size: 32768, enabled: false },
  versioning: { enabled: true, validate_warm_get: false, synchronize: false },
} as const

const ecProps = ({ ec }: Bucket): object =>
  ec ? { ...defaultProps.ec, data_slices: ec.data, parity_slices: ec.parity, enabled: true } : defaultProps.ec

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** The properties with the changes, in the order of `props`. */
const merged = (
  props: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries({ ...props, ...changes }).map(([key, value]) => {
      const before = props[key]
      return [key, isPlain(before) && isPlain(value) ? merged(before, value) : value]
    }),
  )

/** The properties of a bucket, as the header of a HEAD reply shows them. Most of them are the server's defaults. */
export const bucketProps = (bucket: Bucket): string => {
  const { write_policy, checksum, rate_limit, chunks, lru, mirror, versioning } = defaultProps
  const copies = bucket.shownCopies ?? Math.max(2, bucket.copies)
  const props = {
    backend_bck: { name: '', provider: '', namespace: { uuid: '', name: '' } },
    write_policy,
    provider: bucket.bck.provider,
    Renamed: '',
    checksum,
    extra: { aws: {}, gcp: {}, oci: {} },
    rate_limit,
    ec: ecProps(bucket),
    chunks,
    mirror: { ...mirror, copies, enabled: bucket.copies > 1 },
    lru,
    access: '18446744073709551615',
    features: '0',
    bid: String(bucket.bid),
    created: String(bucket.createdNs),
    versioning: { ...versioning, enabled: !isRemote(bucket.bck) },
  }
  return JSON.stringify(bucket.props === undefined ? props : merged(props, bucket.props))
}

const NAMES =
  'backend_bck versioning checksum lru mirror chunks ec access rate_limit features write_policy extra force'.split(' ')

const toSet = struct('cmn.BpropsToSet', Object.fromEntries(NAMES.map((name) => [name, anything])), true)

/** Reads the properties in a value. Throws the server's error message if one of them is unknown. */
export const readProps = (value: unknown): Readonly<Record<string, unknown>> =>
  value === null ? {} : decode(JSON.stringify(value), toSet)

/** Properties that are members of the bucket itself. */
const OWN: ReadonlySet<string> = new Set(['mirror', 'ec'])

/** The properties of a bucket after a change, without mirroring and erasure coding. */
export const changedProps = (
  bucket: Bucket,
  props: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  merged(bucket.props ?? {}, Object.fromEntries(Object.entries(props).filter(([name]) => !OWN.has(name))))
