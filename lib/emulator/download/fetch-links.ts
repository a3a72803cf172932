import { advance } from '../cluster/advance.ts'
import { isAborted } from '../cluster/run.ts'
import { hasRoom } from '../cluster/write-object.ts'
import { arrive, isInTime } from './arrive.ts'
import { dialled, isLoopback, urlOf } from './link.ts'
import { endAfter } from './start-download.ts'
import type { Clock } from '../http/clock.ts'
import type { Cluster, Download, Fetching, Task } from '../cluster/state.ts'

/** A file that cannot be fetched, with the error that the download shows. */
class FetchError extends Error {}

const MOST_REDIRECTS = 10

/** The reply to a link, after its redirects. A redirect to another computer is an error. */
const get = async (link: string, signal: AbortSignal, redirects = 0): Promise<Response> => {
  const response = await fetch(urlOf(link) ?? link, { redirect: 'manual', signal }).catch((error: unknown) => {
    throw new FetchError(`${dialled(link)}: ${reasonOf(error)}`)
  })
  const location = response.headers.get('location')
  if (response.status < 300 || response.status > 399 || location === null) return response
  await response.body?.cancel()
  const next = URL.canParse(location, response.url) ? new URL(location, response.url).href : location
  if (redirects === MOST_REDIRECTS) throw new FetchError(`Get "${next}": stopped after ${MOST_REDIRECTS} redirects`)
  if (!isLoopback(next)) throw new FetchError(`${dialled(next)}: the emulator fetches from loopback addresses only`)
  return get(next, signal, redirects + 1)
}

/** Why `fetch` failed, as Go says it. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (!(cause instanceof Error)) return String(error)
  return 'code' in cause && cause.code === 'ECONNREFUSED' ? 'connect: connection refused' : cause.message
}

/** The content of a link. The task shows how much of it has arrived. */
const contentOf = async (cluster: Cluster, task: Task, signal: AbortSignal): Promise<Uint8Array> => {
  const { link } = task
  const response = await get(link, signal)
  if (response.status >= 400) {
    await response.body?.cancel()
    throw new FetchError(
      response.status === 404
        ? `ErrNotFound: ${link} does not exist`
        : `failed to download "${link}": status ${response.status}`,
    )
  }
  task.bytes = Number(response.headers.get('content-length') ?? 0)
  const chunks: Uint8Array[] = []
  let received = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    received += chunk.length
    task.received = received
    if (!hasRoom(cluster, received)) throw new FetchError('out of space')
  }
  task.bytes = received
  return Buffer.concat(chunks)
}

/** Fetches the files of downloads whose links lead to loopback addresses. */
export interface Fetcher {
  /** Begins to fetch the files that wait in `toFetch`. */
  readonly begin: () => void
  readonly close: () => void
}

/** Creates the part of an emulator that fetches links. It does not retry, unlike a real target. */
export const createFetcher = (cluster: Cluster, clock: Clock): Fetcher => {
  const closing = new AbortController()
  const fetchOne = async ({ download, task }: Fetching): Promise<void> => {
    task.startMs = clock.now()
    let content: Uint8Array | undefined
    try {
      content = await contentOf(cluster, task, closing.signal)
    } catch (error) {
      if (closing.signal.aborted) return
      task.error = error instanceof FetchError ? error.message : `Get "${task.link}": ${String(error)}`
    }
    advance(cluster, clock.now())
    task.endMs = clock.now()
    if (content && isInTime(download, task)) arrive(cluster, download, task, content)
  }
  /** A target fetches its files of a download one after the other. */
  const fetchAll = async (download: Download, target: string, files: readonly Fetching[]): Promise<void> => {
    const run = download.job.runs.find((part) => part.target.id === target)
    const isGivenUp = (): boolean =>
      run === undefined || run.lost || isAborted(run, clock.now()) || closing.signal.aborted
    for (const file of files) {
      if (isGivenUp()) return
      await fetchOne(file)
    }
    if (run && !closing.signal.aborted) endAfter(cluster, run, download.tasks, clock.now())
  }
  return {
    begin: () => {
      const files = cluster.toFetch?.splice(0) ?? []
      for (const download of new Set(files.map((file) => file.download)))
        for (const target of new Set(download.tasks.map((task) => task.target)))
          void fetchAll(
            download,
            target,
            files.filter((file) => file.download === download && file.task.target === target),
          )
    },
    close: () => closing.abort(),
  }
}
