import { isIcMember, icMembers } from '../cluster/notice.ts'
import { nanoseconds } from '../cluster/instant.ts'
import { pick, letters } from '../cluster/random.ts'
import { runningOf, snapshotsOf, statusesOf, statusOf, type Question, type Status } from '../cluster/questions.ts'
import { isRefusal, type Refusal } from '../cluster/refusal.ts'
import { failedCall, refusedCall } from '../cluster/reach.ts'
import { mappedTargets } from '../cluster/launch.ts'
import { proxyOf } from '../cluster/nodes.ts'
import { kindNamed } from '../cluster/kind.ts'
import { GoJsonError } from './go-reader.ts'
import { errorReply } from './error-reply.ts'
import { empty, JSON_TYPE, reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import { readQuestion } from './messages.ts'
import { mayHave } from './what.ts'
import type { Cluster } from '../cluster/state.ts'

/** The line of the server's source that each question names when it cannot read its body. */
const READ_AT: Readonly<Record<string, string>> = {
  status: 'ic.go, #82',
  status_all: 'ic.go, #172',
  qryxstats: 'prxclu.go, #154',
  running_all: 'prxclu.go, #197',
}

/** True for the four questions about jobs. */
export const isJobQuestion = (what: string): boolean => Object.hasOwn(READ_AT, what)

/** One status as text: the end time is a plain number beyond what JavaScript can hold, so it is written by hand. */
export const statusText = (cluster: Cluster, { job, heard }: Status, withErr: boolean): string => {
  const ended = heard.endMs === 0 ? 0n : nanoseconds(cluster, heard.endMs)
  const err = withErr && heard.err !== '' ? JSON.stringify(heard.err) : '""'
  return `{"kind":"${job.kind}","uuid":"${job.id}","err":${err},"end_time":${ended},"aborted":${heard.aborted}}`
}

/** Answers a question about jobs, whichever proxy it came to. */
export const answerQuestion = (cluster: Cluster, request: Request, what: string, now: number): Answer => {
  // A proxy that starts up knows no jobs: three questions are refused without a word, the fourth gets an empty list.
  if (proxyOf(cluster, request.node).readyMs > now) {
    return what === 'running_all' ? reply('[]\n', JSON_TYPE) : empty(503)
  }
  let question: Question
  try {
    question = readQuestion(request.body)
  } catch (error) {
    if (!(error instanceof GoJsonError)) throw error
    const message = `p[${request.node}]: failed to unmarshal [*xact.QueryMsg] (GET), err: ${error.message} (${READ_AT[what] ?? ''})`
    return errorReply({ status: 400, message }, { request, proxy: request.node })
  }
  switch (what) {
    case 'status':
      return answerStatus(cluster, request, question, now)
    case 'status_all':
      return answerStatuses(cluster, request, question, now)
    case 'qryxstats':
      return answerSnapshots(cluster, request, question, now)
    default:
      return answerRunning(cluster, request, question, now)
  }
}

const answerStatus = (cluster: Cluster, request: Request, question: Question, now: number): Answer => {
  let proxy = request.node
  if (!isIcMember(cluster, proxy)) {
    const live = icMembers(cluster).filter((member) => member.state === 'up')
    const member = live.length > 0 ? pick(cluster.random, live) : undefined
    if (!member) return empty(502)
    const asked = question.id !== '' || kindNamed(question.kind) !== ''
    if (asked && question.id === '') return redirect(cluster, request, member.url)
    if (asked) proxy = member.id
  }
  const found = statusOf(cluster, question, proxy, now)
  if (isRefusal(found)) return errorReply(found, { request, proxy })
  return statusReply(statusText(cluster, found, true), found.delayMs)
}

/** The reply with one status. */
export const statusReply = (text: string, delayMs = 0): Answer => reply(text, TEXT_TYPE, delayMs)

/** The reply with a list of statuses, `null` if there is none. */
export const statusesReply = (texts: readonly string[], delayMs = 0): Answer =>
  reply(texts.length === 0 ? 'null' : `[${texts.join(',')}]`, TEXT_TYPE, delayMs)

/** The reply with the snapshots of each target; they are texts already. */
export const snapshotsReply = (targets: readonly (readonly [target: string, snapshots: string])[]): Answer =>
  reply(`{${targets.map(([target, snapshots]) => `"${target}":${snapshots}\n`).join(',')}}\n`, JSON_TYPE)

/** The reply with what runs. */
export const runningReply = (names: readonly string[]): Answer => reply(`${JSON.stringify(names)}\n`, JSON_TYPE)

const redirect = (cluster: Cluster, request: Request, url: string): Answer => {
  const utm = letters(cluster.random, 12).toLowerCase()
  const location = `${url}${request.path}?${request.query}&pid=${request.node}&utm=${utm}`
  const body = `<a href="${location.replaceAll('&', '&amp;')}">Temporary Redirect</a>.\n\n`
  return { status: 307, headers: { 'content-type': 'text/html; charset=utf-8', location }, body, delayMs: 0 }
}

const answerStatuses = (cluster: Cluster, request: Request, question: Question, now: number): Answer => {
  const polls = mayHave(request.query, 'frc') && new URLSearchParams(request.query).get('frc') === 'true'
  const found = isIcMember(cluster, request.node) ? statusesOf(cluster, question, polls, request.node, now) : []
  const texts = found.map((status) => statusText(cluster, status, polls))
  const stuck =
    polls && found.some(({ job, heard }) => heard.endMs === 0 && job.runs.some((run) => run.target.state === 'frozen'))
  return statusesReply(texts, stuck ? cluster.timing.frozenStatusMs : 0)
}

/** What every question to the targets fails with, while one of them cannot be reached. */
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

const answerSnapshots = (cluster: Cluster, request: Request, question: Question, now: number): Answer => {
  const where = { request, proxy: request.node }
  const [first] = mappedTargets(cluster)
  if (first && mayHave(request.query, 'uuid') && new URLSearchParams(request.query).has('uuid')) {
    return errorReply({ status: 400, message: 'unexpected query [what=qryxstats]', target: first.id }, where)
  }
  const broken = brokenCall(cluster, request)
  if (broken) return errorReply(broken, where)
  const found = snapshotsOf(cluster, question, now)
  if (isRefusal(found)) return errorReply(found, where)
  return snapshotsReply([...found].map(([target, snapshots]) => [target, JSON.stringify(snapshots)]))
}

const answerRunning = (cluster: Cluster, request: Request, question: Question, now: number): Answer => {
  const broken = brokenCall(cluster, request)
  if (broken) return errorReply(broken, { request, proxy: request.node })
  return runningReply(runningOf(cluster, question, now))
}
