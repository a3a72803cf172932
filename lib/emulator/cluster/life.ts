/** How a kind works on an emulated target. */
export interface Life {
  /** Times the pace of a plain copy. */
  readonly pace: number
  /** Part of the visited objects that is counted as done here. */
  readonly counted: number
  /** Part that is sent to, and received from, the other targets. */
  readonly sent: number
  /** From the last object to the end: a job that moves data waits until its peers are quiet. */
  readonly settleMs: number
  /** How its proxies learn of the end: told by the targets, or only when they ask. */
  readonly told: boolean
  /** The packed joggers and workers a snapshot shows. */
  readonly joggers: number
  readonly workers: number
  /** True where it never ends by itself: its targets wait for each other. */
  readonly waitsForPeers: boolean
}

const plain: Life = {
  pace: 1,
  counted: 1,
  sent: 0,
  settleMs: 0,
  told: true,
  joggers: 0,
  workers: 0,
  waitsForPeers: false,
}

const lives: Readonly<Record<string, Life>> = {
  'copy-bck': { ...plain, sent: 2 / 3, settleMs: 3_000, joggers: 2 },
  // The disks of an emulated cluster are always so full that half of what it looks at has to go.
  lru: { ...plain, counted: 0.5 },
  'cleanup-store': { ...plain, pace: 4, counted: 0.1 },
  // It fills a cache and counts nothing; done in milliseconds, and no target tells its proxies so.
  'load-lom-cache': { ...plain, pace: 100, counted: 0, told: false },
  resilver: { ...plain, pace: 2, counted: 0.25 },
  rebalance: { ...plain, counted: 0, sent: 0.4, settleMs: 6_000 },
  'make-n-copies': { ...plain },
  archive: { ...plain, pace: 4, joggers: 1, waitsForPeers: true },
  'copy-listrange': { ...plain, pace: 4, sent: 2 / 3, waitsForPeers: true },
  'move-bck': { ...plain, sent: 2 / 3, settleMs: 3_000 },
  // As with the cache, the proxies learn of its end when they ask.
  'ec-encode': { ...plain, pace: 20, told: false, joggers: 2 },
  'ec-put': { ...plain, pace: 20 },
  'ec-resp': { ...plain, pace: 20 },
  'ec-get': { ...plain, counted: 0 },
  'index-shard': { ...plain, joggers: 2 },
  promote: { ...plain, pace: 4 },
  list: { ...plain, pace: 400 },
  'summary-bck': { ...plain, pace: 200 },
  'evict-remote-bck': { ...plain, pace: 4 },
  'get-batch': { ...plain, pace: 4 },
  download: { ...plain, counted: 0 },
  'blob-download': { ...plain, pace: 0.5 },
  // Jobs of the download API, as the proxies see them: over a second after their last task.
  single: { ...plain, settleMs: 1_000 },
  range: { ...plain, settleMs: 1_000 },
  multi: { ...plain, settleMs: 1_000 },
  rechunk: { ...plain, pace: 2 },
  'prefetch-listrange': { ...plain, workers: 2 },
  'delete-listrange': { ...plain, pace: 2, workers: 2 },
  'evict-listrange': { ...plain, pace: 2, workers: 2 },
}

/** The life of a kind; a plain one for kinds that have no habits of their own. */
export const lifeOf = (kind: string): Life => lives[kind] ?? plain
