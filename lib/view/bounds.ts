/** The names of the bounds. */
export type Bound =
  | 'visible'
  | 'confirmed'
  | 'cause'
  | 'settled'
  | 'twice'
  | 'page'
  | 'lost'
  | 'workAtMost'
  | 'workAtLeast'
  | 'partsAtMost'
  | 'tableWork'
  | 'mapAgain'

/**
 * How long each uncertainty about a job may last, in milliseconds, in addition to one or two waits of the cadence and
 * the duration of the requests. `docs/bounds.md` shows the consequences for users. A spec compares its numbers with
 * these.
 */
export const BOUNDS: Readonly<Record<Bound, number>> = Object.freeze({
  /**
   * A job is not reported as unknown earlier than this: the cluster may answer 404 for a job that it shows 2 s later.
   */
  visible: 10_000,
  /**
   * After the Information Center reports an end, the targets have this long to confirm it. After that, its full status
   * counts.
   */
  confirmed: 10_000,
  /** After the Information Center reports a failure, a wait gives the targets this long to show its cause. */
  cause: 1_000,
  /**
   * If all known parts of a job are over, but there may be other parts, the job stays open for this long. The
   * Information Center polls silent targets after 30 s.
   */
  settled: 35_000,
  /** Two replies prove that a job is idle or absent only if they are this far apart. */
  twice: 2_000,
  /**
   * How long a job that gets its work page by page must idle. The targets report it as idle 4 s after the last object
   * of a page, although the cloud may still be listing the next page.
   */
  page: 30_000,
  /**
   * How long a part must be missing before it is lost. A target that crashes leaves the cluster map after half a
   * minute, and may come back with its part.
   */
  lost: 60_000,
  /**
   * While the Information Center shows a job as open, the list of running jobs is requested with the next tick after
   * this time at the latest.
   */
  workAtMost: 4_000,
  /**
   * The shortest time between two of these requests. Between the two limits, the request comes after a third of the
   * time waited so far.
   */
  workAtLeast: 2_000,
  /**
   * A part that is gone with its target is in no list of running jobs, so the snapshots are requested this often, or in
   * each tick if ticks are rarer.
   */
  partsAtMost: 60_000,
  /** A table requests the list of running jobs no more often than this. */
  tableWork: 4_000,
  /** After three failed requests in a row for the cluster map, the next one waits this long. */
  mapAgain: 10_000,
})

/** This many replies in a row must lack a part before it is lost. */
export const LOST_TIMES = 3

/** This many requests in a row for the cluster map may fail before the next one waits longer. */
export const MAP_TRIES = 3
