/** All durations of the cluster, in milliseconds of its own time. */
export interface Timing {
  /** Delay of a `status` reply that finds nothing, because the proxy retries internally. */
  readonly unknownStatusMs: number
  /** Approximate time from a stop to the end time. */
  readonly abortMs: number
  /** Period at which a proxy without notifications polls the targets (`notif_time`). */
  readonly notifyMs: number
  /** Time from the last work of an idle kind until it is idle. */
  readonly idleAfterMs: number
  /** How long a recovery of slices waits for more work after its last work. */
  readonly recoverMs: number
  /** Period of a target's idle timer, which ends runs that are idle. */
  readonly idleTimerMs: number
  /** Period of the idle timer of listings. */
  readonly listTimerMs: number
  /** Period in which the idle flag alternates while a run waits for its peers to end. */
  readonly quiesceMs: number
  /** How long a proxy keeps a status after the end of the job. */
  readonly statusKeptMs: number
  /** Period at which a proxy drops old statuses. */
  readonly pruneEveryMs: number
  /** Period at which nodes drop old records. */
  readonly sweepEveryMs: number
  /** How long after its end a record is kept by a target with very many records. */
  readonly recordKeptMs: number
  /** How long the records of listings and batches are kept after their end. */
  readonly listKeptMs: number
  /** Timeout of a call between nodes, such as a start on a wedged or frozen target. */
  readonly callMs: number
  /** Delay of a status that needs a frozen target. */
  readonly frozenStatusMs: number
  /** Timeout of a snapshot query that needs a frozen target. */
  readonly frozenSnapshotsMs: number
  /** Minimum time from the death of a node until it leaves the cluster map. */
  readonly deathMs: number
  /** Maximum random time that is added to `deathMs` for a target. */
  readonly deathSpreadMs: number
  /** Time from the death of the primary until its replacement. */
  readonly electionMs: number
  /** Time from the restart of a proxy until it is ready. */
  readonly proxyStartMs: number
  /** Time from the moment when a proxy is ready until it starts jobs. */
  readonly proxySettleMs: number
}

/** Durations that were measured on a real cluster with default settings. */
export const defaultTiming: Timing = {
  unknownStatusMs: 2_007,
  abortMs: 1_000,
  notifyMs: 30_000,
  idleAfterMs: 6_000,
  recoverMs: 120_000,
  idleTimerMs: 120_000,
  listTimerMs: 20_000,
  quiesceMs: 20_000,
  statusKeptMs: 180_000,
  pruneEveryMs: 120_000,
  sweepEveryMs: 60_000,
  recordKeptMs: 3_600_000,
  listKeptMs: 60_000,
  callMs: 5_000,
  frozenStatusMs: 20_000,
  frozenSnapshotsMs: 300_000,
  deathMs: 28_000,
  deathSpreadMs: 3_000,
  electionMs: 10_000,
  proxyStartMs: 27_000,
  proxySettleMs: 6_000,
}
