/** The names of the bounds. */
export type Bound =
  | ('visible' | 'confirmed' | 'cause' | 'settled' | 'twice' | 'lost')
  | ('workAtMost' | 'workAtLeast' | 'partsAtMost' | 'tableWork' | 'mapAgain')

/**
 * How long each doubt may last, in milliseconds, beside one or two cadences and what the requests take.
 * `docs/bounds.md` shows what follows for users; a spec compares its numbers with these.
 */
export const BOUNDS: Readonly<Record<Bound, number>> = Object.freeze({
  /** A job is not reported as unknown before: the cluster answers 404 for a job that it shows two seconds later. */
  visible: 10_000,
  /**
   * After the Information Center reports an end, the targets have this long to confirm it; then its full status counts.
   */
  confirmed: 10_000,
  /** A failure that the Information Center reports waits this long for the targets, which may show its cause. */
  cause: 1_000,
  /**
   * All known parts are over, but nothing proves that there are no others: the Information Center asks silent targets
   * after 30 s.
   */
  settled: 35_000,
  /** Two replies count as two, for idleness and absence, only with this time between them. */
  twice: 2_000,
  /** A target that crashes leaves the map after half a minute, and may come back with its part. */
  lost: 60_000,
  /**
   * While the Information Center shows a job as open, the targets are asked whether it runs: with the next tick after this
   * time at the latest ...
   */
  workAtMost: 4_000,
  /** ... and not more often than this; in between, after a third of the time waited so far. */
  workAtLeast: 2_000,
  /**
   * A part that is gone with its target shows in no list of what runs, so the snapshots are asked for this often, or in
   * each tick if ticks are rarer.
   */
  partsAtMost: 60_000,
  /** A table asks what the targets run no more often than this. */
  tableWork: 4_000,
  /** After three failed requests for the cluster map in a row, the next one waits this long. */
  mapAgain: 10_000,
})

/** This many replies in a row must lack a part before it is lost. */
export const LOST_TIMES = 3

/** This many requests for the map in a row may fail before the next one waits longer. */
export const MAP_TRIES = 3
