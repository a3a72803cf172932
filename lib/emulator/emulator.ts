import type { Seed } from './cluster/create.ts'
import type { Faults } from './faults/faults.ts'
import type { TokenRights } from './http/access.ts'
import type { RequestLog } from './http/request-log.ts'

/** Options of `startEmulator`. */
export interface EmulatorOptions {
  /** Number of targets, at most 1,000. Defaults to 3. */
  readonly targets?: number | undefined
  /**
   * Number of proxies, from 1 to 1,000, each on its own port. Defaults to 2. The first three are members of the
   * Information Center.
   */
  readonly proxies?: number | undefined
  /** Port of the first proxy. Defaults to 0, which means any free port. The other nodes always use free ports. */
  readonly port?: number | undefined
  /**
   * Seconds that pass in the cluster per second of real time. Defaults to 1. Reply delays shrink by the same factor.
   */
  readonly speed?: number | undefined
  /** Integer that determines ids, paces and random choices. Defaults to a different one for each emulator. */
  readonly seed?: number | undefined
  /** Token that every request except `/v1/health` must carry. By default, no token is required. */
  readonly token?: string | undefined
  /**
   * Replaces `token`: the accepted tokens, each with its access rights. A request beyond these rights is refused with
   * 403.
   */
  readonly tokens?: Readonly<Record<string, TokenRights>> | undefined
  /** Number of files in a promoted directory. Defaults to 500. */
  readonly promotedFiles?: number | undefined
  /** Objects per second that each target copies in a plain copy job. Defaults to 400. */
  readonly objectsPerSecond?: number | undefined
  /**
   * Objects per second that each target processes in jobs of a kind, by the kind's name or display name. The other kinds
   * have fixed paces in proportion to `objectsPerSecond`.
   */
  readonly paces?: Readonly<Record<string, number>> | undefined
  /** How long a target takes for one file of a download, in milliseconds of the cluster's time. Defaults to 200. */
  readonly fileMs?: number | undefined
  /**
   * Whether downloads really fetch links to loopback addresses, in real time. Defaults to false: such links fail, as on a
   * real target. The emulator fetches no other links: their objects have made-up contents.
   */
  readonly allowLoopback?: boolean | undefined
  /**
   * Bytes of object contents that the emulator keeps at most; a PUT beyond them gets 507. Defaults to 1 GiB; `Infinity` means
   * no limit.
   */
  readonly memoryBytes?: number | undefined
}

/** Objects to put into a bucket. */
export interface Put {
  /** Number of objects to add to those that the bucket already holds. */
  readonly objects: number
  /** Size of each object in bytes. Defaults to the current object size of the bucket. */
  readonly objectSize?: number | undefined
  /** Provider of the bucket. Defaults to `ais`. */
  readonly provider?: string | undefined
}

/** An emulated cluster, which runs until it is closed. */
export interface Emulator {
  /** Address of the first proxy, such as `http://127.0.0.1:8080`. This proxy is the first primary. */
  readonly endpoint: string
  /** Addresses of all proxies. Proxies after the third are not members of the Information Center. */
  readonly endpoints: readonly string[]
  /** Ids of the targets, as they appear in snapshots and in the cluster map. */
  readonly targetIds: readonly string[]
  /** Injects faults. */
  readonly faults: Faults
  /** The requests that the emulator received. */
  readonly requests: RequestLog
  /** Time of the cluster, in milliseconds since its start. */
  now(): number
  /**
   * Creates a bucket with the given number and size of objects, or changes the number and size of an existing bucket.
   *
   * With `mirrored: true`, later puts start or resume a job of the idle kind `put-copies`. A bucket with a `provider`
   * other than `ais` is remote, so that it can be prefetched. Throws RangeError if a number is not whole, or negative.
   */
  seedBucket(name: string, seed: Seed): void
  /**
   * Puts objects into a bucket, which is created if it does not exist.
   *
   * Puts into a mirrored bucket start or resume a `put-copies` job. Throws RangeError if a number is not whole, or negative.
   */
  putObjects(name: string, put: Put): void
  /** Closes all ports and connections. Further calls do nothing. */
  close(): Promise<void>
  /** Same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}
