import { requestedText, type RequestedBucket } from './requested-bucket.ts'
import { bucketUri } from './bucket.ts'
import { findBucket } from './create.ts'
import { isValidId } from './job-id.ts'
import { kindNamed, kinds } from './kind.ts'
import { mappedTargets } from './launch.ts'
import { reportOf, icMembers, isListenedAs, isNoticed, poll, type Report, type NoticedJob } from './notice.ts'
import type { Refusal } from './refusal.ts'
import { hasEnded, isRunning } from './run.ts'
import { snapshotOf, type Snapshot } from './snapshot.ts'
import type { Cluster, Job, Run, Target } from './state.ts'

/** A query about jobs, as the server reads it from the body. */
export interface JobQuery {
  readonly id: string
  /** The kind as sent, not validated yet. */
  readonly kind: string
  readonly bck: RequestedBucket | undefined
  /** True: only running jobs; false: only jobs that do not run; undefined: both. */
  readonly showActive: boolean | undefined
}

/** A job and the report of a proxy on it. */
export interface Status {
  readonly job: NoticedJob
  readonly report: Report
}

/** All jobs that a proxy knows, each with its report. */
const reportsOf = (cluster: Cluster, proxyId: string, now: number): readonly Status[] => {
  const statuses: Status[] = []
  for (const job of cluster.jobs.values()) {
    const report = isNoticed(job) ? reportOf(cluster, job, proxyId, now) : undefined
    if (isNoticed(job) && report) statuses.push({ job, report })
  }
  return statuses
}

/** A running job or, if no job runs, the job that ended last. */
const foremost = (statuses: readonly Status[]): Status | undefined =>
  statuses.find(({ report }) => report.endMs === 0) ??
  statuses.reduce<Status | undefined>(
    (best, one) => (one.report.endMs > (best?.report.endMs ?? -1) ? one : best),
    undefined,
  )

/** The refusal of a query for a status that the proxy does not know. */
const unknownStatus = (cluster: Cluster, proxyId: string, what: string): Refusal => ({
  status: 404,
  tcode: 'ErrNotFound',
  message: `p[${proxyId}]: ${what} does not exist`,
  delayMs: cluster.timing.unknownStatusMs,
})

/** How long the reply takes: a status of a running job with a frozen target is slow. */
const delayOf = (cluster: Cluster, { job, report }: Status): number =>
  report.endMs === 0 && job.runs.some((run) => run.target.state === 'frozen') ? cluster.timing.frozenStatusMs : 0

/** The status after the proxy has polled the targets, which it does before it replies. */
const polled = (
  cluster: Cluster,
  { job, report }: Status,
  proxyId: string,
  now: number,
): Status & { delayMs: number } => {
  poll(job, proxyId, now)
  const status = { job, report: reportOf(cluster, job, proxyId, now) ?? report }
  return { ...status, delayMs: delayOf(cluster, status) }
}

/** One status, as an IC member reports it. */
export const statusOf = (
  cluster: Cluster,
  q: JobQuery,
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
    const report = isNoticed(job) ? reportOf(cluster, job, proxyId, now) : undefined
    if (!isNoticed(job) || !report) return unknownStatus(cluster, proxyId, `x-[${q.id}]`)
    if (kind !== '' && kind !== job.kind) {
      return { status: 400, message: `kind mismatch: ${describe(q, kind)}, expected kind=${job.kind}` }
    }
    return polled(cluster, { job, report }, proxyId, now)
  }
  const { bck } = q
  const found = foremost(
    reportsOf(cluster, proxyId, now).filter(
      ({ job, report }) =>
        job.kind === kind && (!bck || isListenedAs(job, bck.bck)) && (q.showActive !== true || report.endMs === 0),
    ),
  )
  if (found) return polled(cluster, found, proxyId, now)
  const members = icMembers(cluster).map(({ id }) => (id === proxyId ? `${id}(*)` : id))
  return unknownStatus(cluster, proxyId, `nl [${members.join(',')}, ${describe(q, kind)}]`)
}

/**
 * All statuses that a proxy knows and that match the query. With `polls`, the proxy polls the targets first. Unlike
 * other queries, this one does not accept display names. If the query has an id, its kind is ignored.
 */
export const statusesOf = (
  cluster: Cluster,
  q: JobQuery,
  polls: boolean,
  proxyId: string,
  now: number,
): readonly Status[] => {
  const isNamed = (job: Job): boolean => {
    if (q.id !== '') return q.id === job.id
    return q.kind === '' || q.kind === job.kind
  }
  const found = reportsOf(cluster, proxyId, now).filter(
    ({ job, report }) =>
      isNamed(job) && (!q.bck || isListenedAs(job, q.bck.bck)) && (q.showActive !== true || report.endMs === 0),
  )
  return polls ? found.map((status) => polled(cluster, status, proxyId, now)) : found
}

/** A query, as error messages show it, such as `x-copy-bck[zOCwz4iJS]-only-running`. */
const describe = ({ id, bck, showActive }: JobQuery, kind: string): string =>
  `x-${kind}${id === '' ? '' : `[${id}]`}${bck ? `-${requestedText(bck)}` : ''}${showActive === true ? '-only-running' : ''}`

/** The snapshots of each target in the map, or a refusal. A target that does not know the id has no entry. */
export const snapshotsOf = (
  cluster: Cluster,
  q: JobQuery,
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

/** The runs of a target that a query without an id selects. */
const byKind = (cluster: Cluster, target: Target, q: JobQuery, kind: string, now: number): readonly Run[] => {
  const { bck } = q
  const scoped = bck && (kind === '' || kinds.get(kind)?.bucketScoped === true) ? bucketUri(bck.bck) : undefined
  const matches = (run: Run): boolean =>
    (kind === '' || run.job.kind === kind) &&
    (scoped === undefined || bucketUri(run.job.bck) === scoped) &&
    (q.showActive === undefined || isRunning(run, now, cluster.timing.quiesceMs) === q.showActive)
  const runs = target.registry.filter(matches)
  if (kind !== '' || q.showActive !== true) return runs
  // Without a kind, the server returns only one running job of each kind.
  return [...new Map(runs.map((run) => [run.job.kind, run])).values()]
}

/** The runs of a target with the first id of the query that it knows. */
const byId = (cluster: Cluster, target: Target, q: JobQuery, kind: string, now: number): readonly Run[] | undefined => {
  for (const id of q.id.split(',')) {
    // Search the runs of the job: a search through all records of all targets for each id would dominate the cost.
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

/** The server returns these runs instead of a rebalance that it does not have: all later rebalances that have ended. */
const laterRebalances = (target: Target, from: number, now: number): readonly Run[] =>
  target.registry.filter(
    (run) => run.job.kind === 'rebalance' && Number(run.job.id.slice(1)) >= from && hasEnded(run, now),
  )

/** The running jobs as `kind[id]`, without duplicates. */
export const runningOf = (cluster: Cluster, q: JobQuery, now: number): readonly string[] => {
  const kind = kindNamed(q.kind)
  const runs = mappedTargets(cluster).flatMap((target) => target.registry)
  const running = runs.filter(
    (run) => (kind === '' || run.job.kind === kind) && isRunning(run, now, cluster.timing.quiesceMs),
  )
  return [...new Set(running.map(({ job }) => `${job.kind}[${job.id}]`))]
}
