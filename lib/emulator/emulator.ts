import type { Seed } from './cluster/create.ts'
import type { Faults } from './faults/faults.ts'
import type { TokenRights } from './http/access.ts'
import type { RequestLog } from './http/request-log.ts'

/** What `startEmulator` starts. */
export interface EmulatorOptions {
  /** How many targets; default 3. */
  readonly targets?: number | undefined
  /** How many proxies, each on a port of its own; default 2. The first three are in the Information Center. */
  readonly proxies?: number | undefined
  /** Port of the first proxy; default 0, any free one. The other nodes always take free ones. */
  readonly port?: number | undefined
  /** How many seconds pass in the cluster in one of ours; default 1. The delays of its replies shrink alike. */
  readonly speed?: number | undefined
  /** A whole number that ids, paces and chances follow from; default another one each time. */
  readonly seed?: number | undefined
  /** The token that every request but `/v1/health` has to bring; by default none is asked for. */
  readonly token?: string | undefined
  /** Tokens instead of the one, by their text, each with what it allows: what it does not is refused with 403. */
  readonly tokens?: Readonly<Record<string, TokenRights>> | undefined
  /** How many files a promoted directory holds; default 500. */
  readonly promotedFiles?: number | undefined
  /** Objects a second that each target does at the pace of a plain copy; default 400. */
  readonly objectsPerSecond?: number | undefined
}

/** What is put into a bucket. */
export interface Put {
  /** How many, besides those that are there. */
  readonly objects: number
  /** Bytes of each; default what the bucket has. */
  readonly objectSize?: number | undefined
  /** `ais` by default. */
  readonly provider?: string | undefined
}

/** A cluster that runs until it is closed. */
export interface Emulator {
  /** The address of the first proxy, which is the primary at the start, such as `http://127.0.0.1:8080`. */
  readonly endpoint: string
  /** The addresses of all proxies; those after the third are not in the Information Center. */
  readonly endpoints: readonly string[]
  /** The ids of the targets, as snapshots and the cluster map show them. */
  readonly targetIds: readonly string[]
  /** What can go wrong, on demand. */
  readonly faults: Faults
  /** What was asked. */
  readonly requests: RequestLog
  /** The time of the cluster, in milliseconds since its start. */
  now(): number
  /**
   * Makes a bucket of so many objects of so many bytes each, or fills one anew.
   *
   * With `mirrored: true` puts into it start or wake the idle kind `put-copies`; with a `provider` other than `ais` it
   * is remote, so that it can be prefetched.
   */
  seedBucket(name: string, seed: Seed): void
  /** Puts objects into a bucket, which is made where it is missing; a mirrored one starts or wakes `put-copies`. */
  putObjects(name: string, put: Put): void
  /** Closes all ports and connections; further calls do nothing. */
  close(): Promise<void>
  /** As `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}
