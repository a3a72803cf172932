import { abortDownload, downloadEndMs, downloadKeeper, startDownload } from '../cluster/download.ts'
import { nanoseconds } from '../cluster/instant.ts'
import { timeText } from '../cluster/time-text.ts'
import { readDownload } from './download-message.ts'
import { errorReply } from './error-reply.ts'
import { empty, reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import { GoJsonError } from './go-reader.ts'
import { anything, decode } from './go-decode.ts'
import { member, textOf } from './selection.ts'
import type { Refusal } from '../cluster/refusal.ts'
import type { Cluster, Download } from '../cluster/state.ts'

/** The zero time of the download API. Snapshots use a different one. */
const NEVER = '1970-01-01T00:00:00Z'

const recordOf = (cluster: Cluster, download: Download, now: number): object => {
  const { job, jobOnTargets, description, tasks, abortedMs } = download
  const aborted = abortedMs <= now
  const endMs = aborted ? abortedMs : downloadEndMs(download, now)
  return {
    id: job.id,
    xaction_id: jobOnTargets,
    description,
    started_time: timeText(nanoseconds(cluster, job.startMs)),
    finished_time: endMs === Infinity ? NEVER : timeText(nanoseconds(cluster, endMs)),
    finished_cnt: 0,
    scheduled_cnt: tasks.length,
    skipped_cnt: 0,
    error_cnt: tasks.filter((task) => task.endMs <= now).length,
    total: tasks.length,
    all_dispatched: true,
    aborted,
  }
}

const tasksOf = (cluster: Cluster, { tasks }: Download, now: number): object => {
  const over = tasks.filter((task) => task.endMs <= now)
  if (over.length === 0) return {}
  return {
    finished_tasks: over.map(({ name, startMs, endMs }) => ({
      name,
      downloaded: '0',
      start_time: timeText(nanoseconds(cluster, startMs)),
      end_time: timeText(nanoseconds(cluster, endMs)),
    })),
    download_errors: over.map(({ name, error }) => ({ name, error })),
  }
}

const isOver = (download: Download, now: number): boolean =>
  download.abortedMs <= now || downloadEndMs(download, now) <= now

const missing = (cluster: Cluster, id: string, path: string): Refusal => {
  const target = downloadKeeper(cluster)
  const message = `t[${target}]: download job ${id} does not exist`
  return { status: 404, message, tcode: 'ErrNotFound', target, path }
}

const show = (cluster: Cluster, value: unknown, now: number): string | undefined => {
  const id = textOf(value, 'id')
  const onlyActive = member(value, 'only_active_tasks') === true
  if (id === '') {
    const all = [...cluster.downloads.values()].filter((download) => !onlyActive || !isOver(download, now))
    return JSON.stringify(all.map((download) => recordOf(cluster, download, now)))
  }
  const download = cluster.downloads.get(id)
  if (!download) return undefined
  const record = recordOf(cluster, download, now)
  return JSON.stringify(onlyActive ? record : { ...record, ...tasksOf(cluster, download, now) })
}

/** Replies to requests of the download API, which starts, shows, aborts and removes its own jobs. */
export const answerDownload = (cluster: Cluster, request: Request, now: number): Answer => {
  const where = { request, proxy: request.node }
  let value: unknown
  try {
    value = decode(request.body, anything)
  } catch (error) {
    if (!(error instanceof GoJsonError)) throw error
    const message = `p[${request.node}]: failed to unmarshal download request (${request.body}), err: ${error.message}`
    return errorReply({ status: 400, message, tcode: 'wrapError' }, where)
  }
  const id = textOf(value, 'id')
  if (request.method === 'POST') return begin(cluster, request, value, now)
  if (request.method === 'GET') {
    const body = show(cluster, value, now)
    return body === undefined ? errorReply(missing(cluster, id, request.path), where) : reply(body, TEXT_TYPE)
  }
  const verb = request.path.split('/')[3]
  if (request.method !== 'DELETE' || (verb !== 'abort' && verb !== 'remove')) {
    return errorReply({ status: 400, message: `invalid download request: ${request.method} ${request.path}` }, where)
  }
  if (id === '') return errorReply({ status: 400, message: "download 'id' is empty" }, where)
  const download = cluster.downloads.get(id)
  if (!download) return errorReply(missing(cluster, id, request.path), where)
  if (verb === 'abort') abortDownload(download, now)
  else cluster.downloads.delete(id)
  return empty()
}

const begin = (cluster: Cluster, request: Request, value: unknown, now: number): Answer => {
  const plan = readDownload(value)
  if (typeof plan !== 'string') {
    return reply(JSON.stringify({ id: startDownload(cluster, plan, now).job.id }), 'application/json')
  }
  const { body } = request
  const near = `error found in #${Math.min(10, body.length)} byte of ...|${body.slice(-10)}|..., bigger context ...|${body.slice(-50)}|...`
  const message = `p[${request.node}]: failed to unmarshal download request (${body}), err: unmarshalerDecoder: ${plan}, ${near}`
  return errorReply({ status: 400, message, tcode: 'wrapError' }, { request, proxy: request.node })
}
