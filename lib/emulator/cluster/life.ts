/** How jobs of a kind behave on an emulated target. */
export interface Life {
  /** Pace relative to a plain copy. */
  readonly pace: number
  /** Fraction of the visited objects that counts as processed locally. */
  readonly counted: number
  /** Fraction of the visited objects that is sent to, and received from, other targets. */
  readonly sent: number
  /** Time from the last object to the end. A job that moves data waits until its peers are quiet. */
  readonly settleMs: number
  /** Whether the targets notify the proxies of the end. Otherwise the proxies learn of it when they poll. */
  readonly notified: boolean
  /** Number of joggers and of workers, which snapshots report in packed form. */
  readonly joggers: number
  readonly workers: number
  /** Whether a job never ends by itself, because its targets wait for each other. */
  readonly waitsForPeers: boolean
}

const plain: Life = {
  pace: 1,
  counted: 1,
  sent: 0,
  settleMs: 0,
  notified: true,
  joggers: 0,
  workers: 0,
  waitsForPeers: false,
}

const lives: Readonly<Record<string, Life>> = {
  'copy-bck': { ...plain, sent: 2 / 3, settleMs: 3_000, joggers: 2 },
  // Emulated disks are so full that LRU always evicts half of the objects that it visits.
  lru: { ...plain, counted: 0.5 },
  'cleanup-store': { ...plain, pace: 4, counted: 0.1 },
  // It fills a cache, counts no objects and ends within milliseconds. Targets do not notify the proxies.
  'load-lom-cache': { ...plain, pace: 100, counted: 0, notified: false },
  resilver: { ...plain, pace: 2, counted: 0.25 },
  rebalance: { ...plain, counted: 0, sent: 0.4, settleMs: 6_000 },
  'make-n-copies': { ...plain },
  archive: { ...plain, pace: 4, joggers: 1, waitsForPeers: true },
  'copy-listrange': { ...plain, pace: 4, sent: 2 / 3, waitsForPeers: true },
  'move-bck': { ...plain, sent: 2 / 3, settleMs: 3_000 },
  // The targets do not notify the proxies, which learn of the end when they poll.
  'ec-encode': { ...plain, pace: 20, notified: false, joggers: 2 },
  'ec-put': { ...plain, pace: 20 },
  'ec-resp': { ...plain, pace: 20 },
  'ec-get': { ...plain, counted: 0 },
  'index-shard': { ...plain, joggers: 2 },
  promote: { ...plain, pace: 4 },
  list: { ...plain, pace: 400 },
  'summary-bck': { ...plain, pace: 200 },
  'evict-remote-bck': { ...plain, pace: 4 },
  'get-batch': { ...plain, pace: 4 },
  'blob-download': { ...plain, pace: 0.5 },
  rechunk: { ...plain, pace: 2 },
  'prefetch-listrange': { ...plain, workers: 2 },
  'delete-listrange': { ...plain, pace: 2, workers: 2 },
  'evict-listrange': { ...plain, pace: 2, workers: 2 },
}

/** The behavior of a kind. Defaults to the behavior of a plain job. */
export const lifeOf = (kind: string): Life => lives[kind] ?? plain
