import { askedText, type AskedBucket } from './asked.ts'
import { bucketUri } from './bucket.ts'
import { findBucket } from './create.ts'
import { isValidId } from './job-id.ts'
import { kindNamed, kinds } from './kind.ts'
import { mappedTargets } from './launch.ts'
import { heardBy, icMembers, isListenedAs, isNoticed, poll, type Heard, type NoticedJob } from './notice.ts'
import type { Refusal } from './refusal.ts'
import { hasEnded, isRunning } from './run.ts'
import { snapshotOf, type Snapshot } from './snapshot.ts'
import type { Cluster, Run, Target } from './state.ts'

/** A question as the server reads it from the body. */
export interface Question {
  readonly id: string
  /** As it was asked: not checked yet. */
  readonly kind: string
  readonly bck: AskedBucket | undefined
  /** Three values: only running, only not running, both. */
  readonly showActive: boolean | undefined
}

/** A status as the wire has it; the end time in nanoseconds, 0 for none. */
export interface Status {
  readonly job: NoticedJob
  readonly heard: Heard
}

const known = (cluster: Cluster, proxyId: string, now: number): readonly Status[] => {
  const statuses: Status[] = []
  for (const job of cluster.jobs.values()) {
    const heard = isNoticed(job) ? heardBy(cluster, job, proxyId, now) : undefined
    if (isNoticed(job) && heard) statuses.push({ job, heard })
  }
  return statuses
}

/** A running one if there is any, else the one that ended last. */
const foremost = (statuses: readonly Status[]): Status | undefined =>
  statuses.find(({ heard }) => heard.endMs === 0) ??
  statuses.reduce<Status | undefined>(
    (best, one) => (one.heard.endMs > (best?.heard.endMs ?? -1) ? one : best),
    undefined,
  )

const unknown = (cluster: Cluster, proxyId: string, what: string): Refusal => ({
  status: 404,
  tcode: 'ErrNotFound',
  message: `p[${proxyId}]: ${what} does not exist`,
  delayMs: cluster.timing.unknownStatusMs,
})

/** How long a status takes that needs a frozen target. */
const waitFor = (cluster: Cluster, { job, heard }: Status): number =>
  heard.endMs === 0 && job.runs.some((run) => run.target.state === 'frozen') ? cluster.timing.frozenStatusMs : 0

/** A status after the poll that comes before its answer. */
const polled = (
  cluster: Cluster,
  { job, heard }: Status,
  proxyId: string,
  now: number,
): Status & { delayMs: number } => {
  poll(job, proxyId, now)
  const status = { job, heard: heardBy(cluster, job, proxyId, now) ?? heard }
  return { ...status, delayMs: waitFor(cluster, status) }
}

/** One status, asked from a member of the Information Center. */
export const statusOf = (
  cluster: Cluster,
  q: Question,
  proxyId: string,
  now: number,
): (Status & { delayMs: number }) | Refusal => {
  const kind = kindNamed(q.kind)
  if (q.id === '' && kind === '') return { status: 400, message: `invalid ${describe(q, kind)}` }
  if (q.bck && !findBucket(cluster, q.bck.bck)) {
    return { status: 404, tcode: 'ErrBckNotFound', message: `bucket "${bucketUri(q.bck.bck)}" does not exist` }
  }
  if (q.id !== '') {
    const job = cluster.jobs.get(q.id)
    const heard = isNoticed(job) ? heardBy(cluster, job, proxyId, now) : undefined
    if (!isNoticed(job) || !heard) return unknown(cluster, proxyId, `x-[${q.id}]`)
    if (kind !== '' && kind !== job.kind) {
      return { status: 400, message: `kind mismatch: ${describe(q, kind)}, expected kind=${job.kind}` }
    }
    return polled(cluster, { job, heard }, proxyId, now)
  }
  const { bck } = q
  const found = foremost(
    known(cluster, proxyId, now).filter(
      ({ job, heard }) =>
        job.kind === kind && (!bck || isListenedAs(job, bck.bck)) && (q.showActive !== true || heard.endMs === 0),
    ),
  )
  if (found) return polled(cluster, found, proxyId, now)
  const members = icMembers(cluster).map(({ id }) => (id === proxyId ? `${id}(*)` : id))
  return unknown(cluster, proxyId, `nl [${members.join(',')}, ${describe(q, kind)}]`)
}

/**
 * All statuses that a proxy knows of and that are asked for, polled first where the question says so. Display names mean
 * nothing here, and an id beats a kind.
 */
export const statusesOf = (
  cluster: Cluster,
  q: Question,
  polls: boolean,
  proxyId: string,
  now: number,
): readonly Status[] => {
  const found = known(cluster, proxyId, now).filter(
    ({ job, heard }) =>
      (q.id === '' ? q.kind === '' || q.kind === job.kind : q.id === job.id) &&
      (!q.bck || isListenedAs(job, q.bck.bck)) &&
      (q.showActive !== true || heard.endMs === 0),
  )
  return polls ? found.map((status) => polled(cluster, status, proxyId, now)) : found
}

const describe = ({ id, bck, showActive }: Question, kind: string): string =>
  `x-${kind}${id === '' ? '' : `[${id}]`}${bck ? `-${askedText(bck)}` : ''}${showActive === true ? '-only-running' : ''}`

/** The snapshots of each target of the map, or why there are none. A target without an answer has no entry. */
export const snapshotsOf = (
  cluster: Cluster,
  q: Question,
  now: number,
): ReadonlyMap<string, readonly Snapshot[]> | Refusal => {
  const kind = kindNamed(q.kind)
  const targets = mappedTargets(cluster)
  const missing: Refusal = { status: 404, message: `"${describe(q, kind)}" not found` }
  if (q.bck && !findBucket(cluster, q.bck.bck)) return missing
  const [first] = targets
  if (q.id !== '' && !isValidId(q.id) && first) {
    return { status: 400, message: `invalid xaction (job) UUID "${q.id}"`, target: first.id }
  }
  const answers = new Map<string, readonly Snapshot[]>()
  for (const target of targets) {
    const runs = q.id === '' ? byKind(cluster, target, q, kind, now) : byId(cluster, target, q, kind, now)
    if (runs)
      answers.set(
        target.id,
        runs.map((run) => snapshotOf(cluster, run, now)),
      )
  }
  return answers.size === 0 && q.id !== '' && targets.length > 0 ? missing : answers
}

const byKind = (cluster: Cluster, target: Target, q: Question, kind: string, now: number): readonly Run[] => {
  const { bck } = q
  const scoped = bck && (kind === '' || kinds.get(kind)?.bucketScoped === true) ? bucketUri(bck.bck) : undefined
  const isAsked = (run: Run): boolean =>
    (kind === '' || run.job.kind === kind) &&
    (scoped === undefined || bucketUri(run.job.bck) === scoped) &&
    (q.showActive === undefined || isRunning(run, now, cluster.timing.quiesceMs) === q.showActive)
  const runs = target.registry.filter(isAsked)
  if (kind !== '' || q.showActive !== true) return runs
  // Without a kind the server knows but one running job of each.
  return [...new Map(runs.map((run) => [run.job.kind, run])).values()]
}

const byId = (cluster: Cluster, target: Target, q: Question, kind: string, now: number): readonly Run[] | undefined => {
  for (const id of q.id.split(',')) {
    // By way of the job: to look through all records of all targets for each id would take longer than all else.
    const runs = (cluster.jobs.get(id)?.runs ?? []).filter(
      (run) =>
        run.target === target &&
        target.registry.includes(run) &&
        (kind === '' || run.job.kind === kind) &&
        (q.showActive !== true || isRunning(run, now, cluster.timing.quiesceMs)),
    )
    if (runs.length > 0) return runs
    if (kind === 'rebalance' && /^g\d+$/.test(id)) return laterRebalances(target, Number(id.slice(1)), now)
  }
  return undefined
}

/** What the server answers instead of a rebalance it does not have: those that ended since. */
const laterRebalances = (target: Target, from: number, now: number): readonly Run[] =>
  target.registry.filter(
    (run) => run.job.kind === 'rebalance' && Number(run.job.id.slice(1)) >= from && hasEnded(run, now),
  )

/** The names of what runs, each once, as `kind[id]`. */
export const runningOf = (cluster: Cluster, q: Question, now: number): readonly string[] => {
  const kind = kindNamed(q.kind)
  const runs = mappedTargets(cluster).flatMap((target) => target.registry)
  const running = runs.filter(
    (run) => (kind === '' || run.job.kind === kind) && isRunning(run, now, cluster.timing.quiesceMs),
  )
  return [...new Set(running.map(({ job }) => `${job.kind}[${job.id}]`))]
}
