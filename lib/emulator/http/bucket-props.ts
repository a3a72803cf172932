import type { Bucket } from '../cluster/bucket.ts'

/** The properties header of a bucket: the few that vary here, and the server's defaults for the rest. */
export const bucketProps = (bucket: Bucket): string =>
  JSON.stringify({
    backend_bck: { name: '', provider: '', namespace: { uuid: '', name: '' } },
    write_policy: { data: 'immediate', md: 'immediate' },
    provider: bucket.bck.provider,
    Renamed: '',
    checksum: {
      type: 'xxhash2',
      validate_cold_get: false,
      validate_warm_get: false,
      validate_obj_move: false,
      enable_read_range: false,
    },
    extra: { aws: {}, gcp: {}, oci: {} },
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
    mirror: { copies: bucket.copies, burst_buffer: 512, enabled: bucket.copies > 1 },
    lru: { dont_evict_time: '2h0m', capacity_upd_time: '10m', batch_size: 32768, enabled: false },
    access: '18446744073709551615',
    features: '0',
    bid: String(bucket.bid),
    created: String(bucket.createdNs),
    versioning: { enabled: true, validate_warm_get: false, synchronize: false },
  })
