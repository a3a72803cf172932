import { isIcMember, icMembers } from '../cluster/notice.ts'
import { nanoseconds } from '../cluster/instant.ts'
import { pick, letters } from '../cluster/random.ts'
import { runningOf, snapshotsOf, statusesOf, statusOf, type JobQuery, type Status } from '../cluster/queries.ts'
import { isRefusal, type Refusal } from '../cluster/refusal.ts'
import { failedCall, refusedCall } from '../cluster/reach.ts'
import { mappedTargets } from '../cluster/launch.ts'
import { proxyOf } from '../cluster/nodes.ts'
import { kindNamed } from '../cluster/kind.ts'
import { GoJsonError } from './go-reader.ts'
import { errorReply } from './error-reply.ts'
import { empty, JSON_TYPE, reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import { readJobQuery } from './messages.ts'
import { mayContain } from './what.ts'
import type { Cluster } from '../cluster/state.ts'

/** For each query, the source line of the server that its error message names when the body is invalid. */
const READ_AT: Readonly<Record<string, string>> = {
  status: 'ic.go, #82',
  status_all: 'ic.go, #172',
  qryxstats: 'prxclu.go, #154',
  running_all: 'prxclu.go, #197',
}

/** Whether `what` is one of the four queries about jobs. */
export const isJobQuery = (what: string): boolean => Object.hasOwn(READ_AT, what)

/** A status as JSON. Its end time is a number beyond 2^53, which `JSON.stringify` would round. */
export const statusText = (cluster: Cluster, { job, report }: Status, withErr: boolean): string => {
  const ended = report.endMs === 0 ? 0n : nanoseconds(cluster, report.endMs)
  const err = withErr && report.err !== '' ? JSON.stringify(report.err) : '""'
  return `{"kind":"${job.kind}","uuid":"${job.id}","err":${err},"end_time":${ended},"aborted":${report.aborted}}`
}

/** Replies to a query about jobs, at any proxy. */
export const answerJobQuery = (cluster: Cluster, request: Request, what: string, now: number): Answer => {
  // A proxy that is starting up knows no jobs: it replies 503 to three of the queries and an empty list to the fourth.
  if (proxyOf(cluster, request.node).readyMs > now) {
    return what === 'running_all' ? reply('[]\n', JSON_TYPE) : empty(503)
  }
  let jobQuery: JobQuery
  try {
    jobQuery = readJobQuery(request.body)
  } catch (error) {
    if (!(error instanceof GoJsonError)) throw error
    const message = `p[${request.node}]: failed to unmarshal [*xact.QueryMsg] (GET), err: ${error.message} (${READ_AT[what] ?? ''})`
    return errorReply({ status: 400, message }, { request, proxy: request.node })
  }
  switch (what) {
    case 'status':
      return answerStatus(cluster, request, jobQuery, now)
    case 'status_all':
      return answerStatuses(cluster, request, jobQuery, now)
    case 'qryxstats':
      return answerSnapshots(cluster, request, jobQuery, now)
    default:
      return answerRunning(cluster, request, jobQuery, now)
  }
}

/**
 * Replies to `what=status`. A proxy outside the IC forwards the query to a member: by id it passes the reply on, by
 * kind it redirects the client.
 */
const answerStatus = (cluster: Cluster, request: Request, jobQuery: JobQuery, now: number): Answer => {
  let proxy = request.node
  if (!isIcMember(cluster, proxy)) {
    const live = icMembers(cluster).filter((member) => member.state === 'up')
    const member = live.length > 0 ? pick(cluster.random, live) : undefined
    if (!member) return empty(502)
    // A query without an id and without a known kind is refused by the proxy itself.
    if (jobQuery.id !== '') proxy = member.id
    else if (kindNamed(jobQuery.kind) !== '') return redirect(cluster, request, member.url)
  }
  const found = statusOf(cluster, jobQuery, proxy, now)
  if (isRefusal(found)) return errorReply(found, { request, proxy })
  return statusReply(statusText(cluster, found, true), found.delayMs)
}

/** The reply with one status. */
export const statusReply = (text: string, delayMs = 0): Answer => reply(text, TEXT_TYPE, delayMs)

/** The reply with a list of statuses. An empty list is written as `null`. */
export const statusesReply = (texts: readonly string[], delayMs = 0): Answer =>
  reply(texts.length === 0 ? 'null' : `[${texts.join(',')}]`, TEXT_TYPE, delayMs)

/** The reply with the snapshots of each target, given as JSON texts. */
export const snapshotsReply = (targets: readonly (readonly [target: string, snapshots: string])[]): Answer =>
  reply(`{${targets.map(([target, snapshots]) => `"${target}":${snapshots}\n`).join(',')}}\n`, JSON_TYPE)

/** The reply with the names of the running jobs. */
export const runningReply = (names: readonly string[]): Answer => reply(`${JSON.stringify(names)}\n`, JSON_TYPE)

/** Redirects the client to another proxy, as the server does. */
const redirect = (cluster: Cluster, request: Request, url: string): Answer => {
  const utm = letters(cluster.random, 12).toLowerCase()
  const location = `${url}${request.path}?${request.query}&pid=${request.node}&utm=${utm}`
  const body = `<a href="${location.replaceAll('&', '&amp;')}">Temporary Redirect</a>.\n\n`
  return { status: 307, headers: { 'content-type': 'text/html; charset=utf-8', location }, body, delayMs: 0 }
}

/** Replies to `what=status_all`. A proxy outside the IC knows no statuses. */
const answerStatuses = (cluster: Cluster, request: Request, jobQuery: JobQuery, now: number): Answer => {
  // `frc` (force): the proxy polls the targets before it replies.
  const polls = mayContain(request.query, 'frc') && new URLSearchParams(request.query).get('frc') === 'true'
  const found = isIcMember(cluster, request.node) ? statusesOf(cluster, jobQuery, polls, request.node, now) : []
  const texts = found.map((status) => statusText(cluster, status, polls))
  const stuck =
    polls &&
    found.some(({ job, report }) => report.endMs === 0 && job.runs.some((run) => run.target.state === 'frozen'))
  return statusesReply(texts, stuck ? cluster.timing.frozenStatusMs : 0)
}

/** The refusal of every query that needs the targets, while one of them is unreachable. */
const brokenCall = (cluster: Cluster, request: Request): Refusal | undefined => {
  const targets = mappedTargets(cluster)
  const dead = targets.filter((target) => target.state === 'dead')
  const path = `/v1/xactions?${request.query}`
  if (dead.length > 0) {
    const target = pick(cluster.random, dead)
    return failedCall(request.node, target, 'Get', path, refusedCall(target))
  }
  const frozen = targets.find((target) => target.state === 'frozen')
  const reason = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
  return (
    frozen && { ...failedCall(request.node, frozen, 'Get', path, reason), delayMs: cluster.timing.frozenSnapshotsMs }
  )
}

/** Replies to `what=qryxstats` with the snapshots of each target. */
const answerSnapshots = (cluster: Cluster, request: Request, jobQuery: JobQuery, now: number): Answer => {
  const where = { request, proxy: request.node }
  const [first] = mappedTargets(cluster)
  if (first && mayContain(request.query, 'uuid') && new URLSearchParams(request.query).has('uuid')) {
    return errorReply({ status: 400, message: 'unexpected query [what=qryxstats]', target: first.id }, where)
  }
  const broken = brokenCall(cluster, request)
  if (broken) return errorReply(broken, where)
  const found = snapshotsOf(cluster, jobQuery, now)
  if (isRefusal(found)) return errorReply(found, where)
  return snapshotsReply([...found].map(([target, snapshots]) => [target, JSON.stringify(snapshots)]))
}

const answerRunning = (cluster: Cluster, request: Request, jobQuery: JobQuery, now: number): Answer => {
  const broken = brokenCall(cluster, request)
  if (broken) return errorReply(broken, { request, proxy: request.node })
  return runningReply(runningOf(cluster, jobQuery, now))
}
