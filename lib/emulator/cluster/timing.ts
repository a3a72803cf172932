/** Every duration the cluster knows, in milliseconds of its own time. */
export interface Timing {
  /** A `status` that finds nothing answers only after this long: the proxy asks itself again inside. */
  readonly unknownStatusMs: number
  /** From a stop to the end time, more or less. */
  readonly abortMs: number
  /** A proxy that has heard nothing asks the targets again every so often (`notif_time`). */
  readonly notifyMs: number
  /** An idle kind is idle this long after its last work. */
  readonly idleAfterMs: number
  /** The idle timer of a target fires this often; an idle kind that is idle then ends. */
  readonly idleTimerMs: number
  /** The timer of a listing fires this often. */
  readonly listTimerMs: number
  /** An idle kind that waits for its peers to end flaps in this period. */
  readonly quiesceMs: number
  /** A proxy keeps a status this long after the end ... */
  readonly statusKeptMs: number
  /** ... and throws old ones away this often. */
  readonly pruneEveryMs: number
  /** Nodes look this often for records that they need no more ... */
  readonly sweepEveryMs: number
  /** ... and a target that has very many drops those that ended this long ago. */
  readonly recordKeptMs: number
  /** Listings and batches are forgotten this long after their end. */
  readonly listKeptMs: number
  /** A call between nodes gives up after this long: starts on a wedged or frozen target. */
  readonly callMs: number
  /** A status that needs a frozen target takes this long. */
  readonly frozenStatusMs: number
  /** Snapshots that need a frozen target are given up after this long. */
  readonly frozenSnapshotsMs: number
  /** A dead node leaves the cluster map this long after its death ... */
  readonly deathMs: number
  /** ... and up to so much later. */
  readonly deathSpreadMs: number
  /** A dead primary is replaced after this long. */
  readonly electionMs: number
  /** A proxy is not ready for this long after its start. */
  readonly proxyStartMs: number
  /** ... and starts no jobs for so much longer. */
  readonly proxySettleMs: number
}

/** As measured on a real cluster with its default settings. */
export const defaultTiming: Timing = {
  unknownStatusMs: 2_007,
  abortMs: 1_000,
  notifyMs: 30_000,
  idleAfterMs: 6_000,
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
