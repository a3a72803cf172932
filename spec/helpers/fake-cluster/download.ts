import type { SchedulerLike } from 'rxjs'
import { bucketName } from '../../../lib/emulator/cluster/bucket.ts'
import type { Cluster } from '../../../lib/emulator/cluster/state.ts'
import { abortDownload, startDownload } from '../../../lib/emulator/download/start-download.ts'

/** A download of a script. Times are absolute. */
export interface FakeDownload {
  readonly id: string
  /** Defaults to 0. */
  readonly atMs?: number
  /** Number of files. Each takes 200 ms, and each target fetches its files one after the other. Defaults to 30. */
  readonly files?: number
  /** The errors of files, by their number. */
  readonly errors?: Readonly<Record<number, string>>
  readonly abortMs?: number
  readonly type?: 'range' | 'backend'
  /** When the Information Center forgets it. */
  readonly forgottenMs?: number
  /** Whether the Information Center never learns of its end. */
  readonly endUnreported?: boolean
}

/** The name of a file of a download. */
export const fileOf = (nth: number): string => `f-${String(nth).padStart(3, '0')}`

const linkOf = (nth: number): string => `https://example.com/${fileOf(nth)}`

/** Starts a download on the present targets. */
export function beginDownload(
  cluster: Cluster,
  planned: FakeDownload,
  later: (ms: number, run: () => void) => void,
  scheduler: SchedulerLike,
): void {
  const { id, files = 30, errors = {}, abortMs, type = 'range', forgottenMs, endUnreported } = planned
  const broken = Object.entries(errors).map(([nth, error]) => ({
    breaks: (link: string) => link === linkOf(Number(nth)),
    error,
  }))
  cluster.brokenLinks.splice(0, Infinity, ...broken)
  const nowMs = scheduler.now()
  const download = startDownload(
    cluster,
    {
      id,
      type,
      bck: bucketName('b'),
      description: '',
      files: Array.from({ length: files }, (_, nth) => ({ name: fileOf(nth), link: linkOf(nth) })),
    },
    nowMs,
  )
  const { notice } = download.job
  if (notice !== undefined && endUnreported === true) notice.deaf = true
  if (abortMs !== undefined) later(abortMs - nowMs, () => abortDownload(cluster, download, abortMs))
  if (forgottenMs !== undefined)
    later(forgottenMs - nowMs, () => cluster.proxies.forEach((proxy) => notice?.forgottenBy.add(proxy.id)))
}
