import { bucketName, bucketUri, type Bucket, type BucketName } from './bucket.ts'
import { nanoseconds } from './instant.ts'
import { createRandom, letters, next, uuid, type Random } from './random.ts'
import type { Cluster, Proxy, Target } from './state.ts'
import { defaultTiming, type Timing } from './timing.ts'

/** Options of `createCluster`. */
export interface ClusterOptions {
  /** Number of targets. Defaults to 3. */
  readonly targets?: number
  /** Number of proxies. Defaults to 2. The first one is the primary, the first three are IC members. */
  readonly proxies?: number
  /** Seed of all random choices. Defaults to 1. */
  readonly seed?: number
  /** Nanoseconds since the Unix epoch at time 0. Defaults to the first day of 2026. */
  readonly originNs?: bigint
  /** Objects per second that each target copies in a plain copy job. Defaults to 400. */
  readonly objectsPerSecond?: number
  readonly paces?: ReadonlyMap<string, number>
  /** Number of files in a promoted directory. Defaults to 500. */
  readonly promotedFiles?: number
  /** How long a target takes for one file of a download, in milliseconds. Defaults to 200. */
  readonly fileMs?: number
  /** Whether downloads fetch links to loopback addresses, instead of refusing them. Defaults to false. */
  readonly allowLoopback?: boolean
  /** Bytes of object contents that the cluster holds at most. Defaults to 1 GiB. */
  readonly memoryBytes?: number
  readonly timing?: Partial<Timing>
  /** Public addresses in the order of creation. Defaults to `http://127.0.0.1:8080` and the following ports. */
  readonly proxyUrls?: readonly string[]
  readonly targetUrls?: readonly string[]
}

const FIRST_PORT = 8_080
const DEFAULT_MEMORY_BYTES = 2 ** 30
const DAY_ONE_NS = 1_767_225_600_000_000_000n

/** A random node digest: a 64-bit number whose highest bit is set, so that it is beyond the numbers of JavaScript. */
const digest = (random: Random): bigint => {
  halves.setUint32(0, Math.floor(next(random) * 0x1_0000_0000) | 0x8000_0000)
  halves.setUint32(4, Math.floor(next(random) * 0x1_0000_0000))
  return halves.getBigUint64(0)
}

/** Combines two 32-bit halves, which is much cheaper than shifting big integers. */
const halves = new DataView(new ArrayBuffer(8))

/** A node id of three random letters, the role, and the node's default port. The same seed gives the same id. */
const nodeId = (random: Random, role: 'p' | 't', index: number): string =>
  `${letters(random, 3)}${role}${FIRST_PORT + index}`

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1)

/** A running cluster at time 0, without buckets. */
export const createCluster = (options: ClusterOptions = {}): Cluster => {
  const random = createRandom(options.seed ?? 1)
  const count = { proxies: options.proxies ?? 2, targets: options.targets ?? 3 }
  const proxies: Proxy[] = Array.from({ length: count.proxies }, (_, i) => ({
    state: 'up',
    inMap: true,
    dropMs: Infinity,
    id: nodeId(random, 'p', i),
    url: options.proxyUrls?.[i] ?? `http://127.0.0.1:${FIRST_PORT + i}`,
    digest: digest(random),
    readyMs: 0,
    settledMs: 0,
  }))
  const targets: Target[] = Array.from({ length: count.targets }, (_, i) => ({
    state: 'up',
    inMap: true,
    dropMs: Infinity,
    id: nodeId(random, 't', count.proxies + i),
    url: options.targetUrls?.[i] ?? `http://127.0.0.1:${FIRST_PORT + count.proxies + i}`,
    digest: digest(random),
    registry: [],
    frozenMs: Infinity,
    wedged: false,
  }))
  return {
    timing: options.timing === undefined ? defaultTiming : { ...defaultTiming, ...options.timing },
    random,
    originNs: options.originNs ?? DAY_ONE_NS,
    uuid: uuid(random),
    objectsPerSecond: options.objectsPerSecond ?? 400,
    paces: options.paces ?? new Map(),
    proxies,
    targets: [...targets].sort(byId),
    primary: proxies[0]?.id ?? '',
    electMs: Infinity,
    version: count.proxies + count.targets + 3,
    buckets: new Map(),
    acting: new Set(),
    jobs: new Map(),
    rebalances: 0,
    notificationsToLose: 0,
    lateBy: new Map(),
    idDisagreements: [],
    downloads: new Map(),
    fileMs: options.fileMs ?? 200,
    brokenLinks: [],
    failing: new Map(),
    ...(options.allowLoopback === true ? { toFetch: [] } : {}),
    unfinished: new Map(),
    memoryBytes: options.memoryBytes ?? DEFAULT_MEMORY_BYTES,
    promotedFiles: options.promotedFiles ?? 500,
    sweptMs: 0,
  }
}

/** Contents and properties of a bucket. */
export interface Seed {
  /** Number of objects. Defaults to 0. */
  readonly objects?: number | undefined
  /** Size of each object in bytes. Defaults to 1024. */
  readonly objectSize?: number | undefined
  /**
   * Provider, such as `aws` or `gcp`. Defaults to `ais`. Any other makes the bucket remote, so that it can be
   * prefetched.
   */
  readonly provider?: string | undefined
  /** Keeps two copies of each object, so that later puts start or resume a `put-copies` job. Defaults to false. */
  readonly mirrored?: boolean | undefined
}

/** The bucket with that name, if it exists. */
export const findBucket = (cluster: Cluster, bck: BucketName): Bucket | undefined => cluster.buckets.get(bucketUri(bck))

/** Creates a bucket, or changes the contents of an existing one. */
export const addBucket = (cluster: Cluster, bck: BucketName, seed: Seed, now: number): Bucket => {
  const existing = findBucket(cluster, bck)
  const bucket: Bucket = existing ?? {
    bck,
    objects: 0,
    objectSize: 1_024,
    copies: 1,
    createdNs: nanoseconds(cluster, now),
    bid: 9_223_372_036_854_775_809n + BigInt(cluster.buckets.size),
  }
  if (seed.objects !== undefined) delete bucket.contents
  bucket.objects = seed.objects ?? bucket.objects
  bucket.objectSize = seed.objectSize ?? bucket.objectSize
  if (seed.mirrored !== undefined) bucket.copies = seed.mirrored ? 2 : 1
  cluster.buckets.set(bucketUri(bck), bucket)
  return bucket
}

/** Same as `addBucket`, by the plain name of the bucket. */
export const seedBucket = (cluster: Cluster, name: string, seed: Seed, now: number): Bucket =>
  addBucket(cluster, bucketName(name, seed.provider), seed, now)
