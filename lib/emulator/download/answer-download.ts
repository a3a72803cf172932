import { mappedTargets } from '../cluster/launch.ts'
import { icMembers, isIcMember } from '../cluster/notice.ts'
import { proxyOf } from '../cluster/nodes.ts'
import { letters, pick } from '../cluster/random.ts'
import { callError, refusedCall } from '../cluster/reach.ts'
import type { Refusal } from '../cluster/refusal.ts'
import type { Cluster, Download, Target } from '../cluster/state.ts'
import { errorReply } from '../http/error-reply.ts'
import { empty, reply, TEXT_TYPE, type Answer, type Request } from '../http/exchange.ts'
import { GoJsonError } from '../http/go-reader.ts'
import { anything, decode } from '../http/go-decode.ts'
import { member, textOf } from '../http/selection.ts'
import { NoObjectNameError, readDownload } from './read-download.ts'
import { currentTasksOf, isOver, partsOf, recordOf, tasksOf } from './record.ts'
import { isRemote } from '../cluster/bucket.ts'
import { checkBucket } from '../cluster/start-checks.ts'
import { abortDownload, sharedJob, startDownload, type DownloadPlan } from './start-download.ts'

/** The refusal of a target that does not know the download. */
const missing = (cluster: Cluster, id: string, path: string): Refusal => {
  const target = mappedTargets(cluster)[0]?.id ?? ''
  const message = `t[${target}]: download job ${id} does not exist`
  return { status: 404, message, tcode: 'ErrNotFound', target, path }
}

/** The refusal while a target does not reply. It is Go's own error, for which AIStore has no error code. */
const brokenCall = (cluster: Cluster, { method, path }: Request): Refusal | undefined => {
  const verb = method.charAt(0) + method.slice(1).toLowerCase()
  const refused = (target: Target, reason: string): Refusal => {
    const message = callError(target, verb, `${path}?uuid=${letters(cluster.random, 9)}`, reason)
    return { status: 400, message, tcode: 'Error' }
  }
  const targets = mappedTargets(cluster)
  const dead = targets.find(({ state }) => state === 'dead')
  if (dead) return refused(dead, refusedCall(dead))
  const frozen = targets.find(({ state }) => state === 'frozen')
  // The proxy waits for `max_host_busy`, not for as long as for snapshots.
  return frozen && { ...refused(frozen, 'context deadline exceeded'), delayMs: cluster.timing.frozenStatusMs }
}

/** Redirects a request to a live IC member. Other proxies know no downloads. */
const redirect = (cluster: Cluster, { node, path }: Request): Answer => {
  const member = icMembers(cluster).find(({ state }) => state === 'up')
  if (!member) return empty(502)
  const location = `${member.url}${path}?pid=${node}&utm=${letters(cluster.random, 12).toLowerCase()}`
  const body = `<a href="${location.replaceAll('&', '&amp;')}">Temporary Redirect</a>.\n\n`
  return { status: 307, headers: { 'content-type': 'text/html; charset=utf-8', location }, body, delayMs: 0 }
}

/** The download with this id, if a target still remembers it. */
const findDownload = (cluster: Cluster, id: string): Download | undefined => {
  const download = cluster.downloads.get(id)
  return download && partsOf(download).length > 0 ? download : undefined
}

/** The pattern of descriptions in a list request. A POSIX pattern that JavaScript cannot read matches its own text. */
const patternOf = (text: string): RegExp => {
  try {
    return new RegExp(text)
  } catch {
    return new RegExp(text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
  }
}

/** Replies with the records of the downloads whose descriptions match. */
const list = (cluster: Cluster, value: unknown, now: number): Answer => {
  const pattern = patternOf(textOf(value, 'regex'))
  const onlyActive = member(value, 'only_active_tasks') === true
  const shown = [...cluster.downloads.values()].filter(
    (download) =>
      partsOf(download).length > 0 && pattern.test(download.description) && !(onlyActive && isOver(download, now)),
  )
  return reply(JSON.stringify(shown.map((download) => recordOf(cluster, download, now))), TEXT_TYPE)
}

const show = (cluster: Cluster, download: Download, value: unknown, now: number): Answer => {
  const onlyActive = member(value, 'only_active_tasks') === true
  const record = { ...recordOf(cluster, download, now), ...currentTasksOf(cluster, download, now) }
  return reply(JSON.stringify(onlyActive ? record : { ...record, ...tasksOf(cluster, download, now) }), TEXT_TYPE)
}

/** Replies to requests of the download API, which starts, shows, aborts and removes its own jobs. */
export const answerDownload = (cluster: Cluster, request: Request, now: number): Answer => {
  const where = { request, proxy: request.node }
  if (proxyOf(cluster, request.node).readyMs > now) return empty(503)
  let value: unknown
  try {
    value = decode(request.body, anything)
  } catch (error) {
    if (!(error instanceof GoJsonError)) throw error
    const message = `p[${request.node}]: failed to unmarshal download request (${request.body}), err: ${error.message}`
    return errorReply({ status: 400, message, tcode: 'wrapError' }, where)
  }
  if (request.method === 'POST') return startFrom(cluster, request, value, now)
  const id = textOf(value, 'id')
  const verb = request.path.split('/')[3]
  const isCommand = request.method === 'DELETE' && (verb === 'abort' || verb === 'remove')
  if (request.method !== 'GET' && !isCommand)
    return errorReply({ status: 400, message: `invalid download request: ${request.method} ${request.path}` }, where)
  if (isCommand && id === '') return errorReply({ status: 400, message: 'UUID not specified' }, where)
  if (id !== '' && !isIcMember(cluster, request.node)) return redirect(cluster, request)
  const broken = brokenCall(cluster, request)
  if (broken) return errorReply(broken, where)
  if (id === '') return list(cluster, value, now)
  // Each request about one download wakes the job on the targets that all downloads share.
  sharedJob(cluster, undefined, now)
  const download = findDownload(cluster, id)
  if (!download) return errorReply(missing(cluster, id, request.path), where)
  if (!isCommand) return show(cluster, download, value, now)
  if (verb === 'remove' && !isOver(download, now)) {
    const target = pick(cluster.random, mappedTargets(cluster)).id
    return errorReply({ status: 400, message: `job "${id}" is still running`, target, path: request.path }, where)
  }
  if (verb === 'abort') abortDownload(cluster, download, now)
  else cluster.downloads.delete(id)
  return empty()
}

/**
 * Refuses a bucket that a download cannot use. The proxy creates a bucket of the cluster itself that does not exist,
 * but no remote bucket. Only a remote bucket has a backend to download.
 */
const refuseBucket = (cluster: Cluster, { bck, type }: DownloadPlan): Refusal | undefined => {
  const refusal = checkBucket(cluster, bck)
  if (refusal && (refusal.status !== 404 || isRemote(bck))) return refusal
  return type === 'backend' && !isRemote(bck)
    ? { status: 400, message: 'Error starting download: bucket download requires a remote bucket' }
    : undefined
}

/** Starts a download, or refuses the request. */
const startFrom = (cluster: Cluster, request: Request, value: unknown, now: number): Answer => {
  const where = { request, proxy: request.node }
  const { body } = request
  /** The download or, as a text, the error of the server's JSON library. */
  let plan: ReturnType<typeof readDownload>
  try {
    plan = readDownload(cluster, value)
  } catch (error) {
    if (!(error instanceof NoObjectNameError)) throw error
    return errorReply({ status: 400, message: `Error starting download: ${error.message}` }, where)
  }
  if (typeof plan !== 'string') {
    const refused = refuseBucket(cluster, plan)
    if (refused) return errorReply(refused, where)
    const broken = brokenCall(cluster, request)
    if (broken) return errorReply({ ...broken, message: `Error starting download: ${broken.message}` }, where)
    return reply(JSON.stringify({ id: startDownload(cluster, plan, now).job.id }), 'application/json')
  }
  // The JSON library quotes the end of the body.
  const near = `error found in #${Math.min(10, body.length)} byte of ...|${body.slice(-10)}|..., bigger context ...|${body.slice(-50)}|...`
  const message = `p[${request.node}]: failed to unmarshal download request (${body}), err: unmarshalerDecoder: ${plan}, ${near}`
  return errorReply({ status: 400, message, tcode: 'wrapError' }, where)
}
