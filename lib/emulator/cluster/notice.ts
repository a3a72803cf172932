import type { BucketName } from './bucket.ts'
import { bucketUri } from './bucket.ts'
import { endsAtMs, hasEnded } from './run.ts'
import type { Cluster, Job, Notice, Proxy, Run } from './state.ts'

// What the proxies know of a job (its *notice*), and when each of them learns of its end. The targets notify the
// proxies of an end; if a notification is lost, the proxies poll the targets.

/** What a proxy reports of a job. `endMs` is 0 while the proxy knows of no end. */
export interface Report {
  readonly endMs: number
  readonly aborted: boolean
  readonly err: string
}

/** A job with a notice. */
export type NoticedJob = Job & { readonly notice: Notice }

const noReport: Report = { endMs: 0, aborted: false, err: '' }

/** The members of the Information Center: the primary, then up to two more proxies. */
export const icMembers = (cluster: Cluster): readonly Proxy[] => {
  const mapped = cluster.proxies.filter((proxy) => proxy.inMap)
  const others = mapped.filter((proxy) => proxy.id !== cluster.primary)
  return [...mapped.filter((proxy) => proxy.id === cluster.primary), ...others].slice(0, 3)
}

/** Whether the proxy is a member of the Information Center. */
export const isIcMember = (cluster: Cluster, proxyId: string): boolean =>
  icMembers(cluster).some((proxy) => proxy.id === proxyId)

/** The first error and the number of further errors, as the server prints them. */
const withMore = (first: string, more: number): string =>
  more <= 0 ? first : `${first} (and ${more} more error${more === 1 ? '' : 's'})`

/** Several errors as one text, such as `first (and 2 more errors)`. Equal errors count once. */
const joined = (errors: readonly string[]): string => {
  const [first = '', ...rest] = [...new Set(errors.filter((text) => text !== ''))]
  return withMore(first, rest.length)
}

/** When a proxy learns of an end at `endMs`: at once if the targets notify it, otherwise at its next poll. */
const knownMs = (cluster: Cluster, job: NoticedJob, endMs: number): number => {
  if (job.notice.notified) return endMs
  const period = cluster.timing.notifyMs
  return job.startMs + Math.max(1, Math.ceil((endMs - job.startMs) / period)) * period
}

/** What a proxy has learned from the targets, if it learns of each event `lagMs` later. */
const fromTargets = (cluster: Cluster, job: NoticedJob, lagMs: number, now: number): Report => {
  if (job.notice.deaf) return noReport
  // One pass without lists, because a query for all statuses runs this for each of up to ten thousand jobs.
  let firstAbortMs = Infinity
  let lastEndMs = -Infinity
  let finished = job.runs.length > 0 && job.notice.missed === undefined
  for (const run of job.runs) {
    if (!hasEnded(run, now)) finished = false
    else {
      const endMs = endsAtMs(run)
      lastEndMs = Math.max(lastEndMs, endMs)
      if (run.abortMs < Infinity) firstAbortMs = Math.min(firstAbortMs, endMs)
    }
  }
  const aborted = firstAbortMs < Infinity
  if (!aborted && !finished) return noReport
  // The proxies end a job at the first abort of a target, or when all targets have finished.
  const ended = aborted ? firstAbortMs : lastEndMs
  const endMs = knownMs(cluster, job, ended) + lagMs
  if (endMs > now) return noReport
  const errors = job.runs.flatMap((run) => [isAbortReported(run, now) ? run.abortErr : '', run.err])
  errors.push(job.notice.ownErr)
  return { endMs, aborted, err: joined(errors) }
}

const isAbortReported = (run: Run, now: number): boolean => run.abortMs < Infinity && hasEnded(run, now)

/** Polls the targets for a status query. Each poll finds one more target that does not have the job. */
export const poll = ({ notice }: NoticedJob, proxyId: string, now: number): void => {
  const { missed, lags, polls } = notice
  if (missed && missed.atMs + (lags.get(proxyId) ?? 1) <= now) polls.set(proxyId, (polls.get(proxyId) ?? 0) + 1)
}

/** The end that the proxies decide by themselves, because a node has left the map or a target does not have the job. */
const decisionOf = (job: NoticedJob, proxyId: string): { readonly atMs: number; readonly err: string } | undefined => {
  const { forced, missed, buckets, polls } = job.notice
  if (!missed || (forced && forced.atMs < missed.atMs)) return forced
  const { atMs, targets } = missed
  const all = new Set([...job.runs.map((run) => run.target.id), ...targets]).size
  const ended = job.runs.filter((run) => hasEnded(run, atMs)).length
  const name = [`nl-${job.kind}[${job.id}]`, ...buckets.slice(0, 2).map(bucketUri)].join('-')
  const count = ended === 0 ? '' : `(cnt=${ended}/${all})`
  const [first = ''] = targets
  const more = Math.min(polls.get(proxyId) ?? 0, targets.length) - 1
  return { atMs, err: withMore(`t[${first}]: ${name}${count} at t[${first}] does not exist`, more) }
}

/** The proxy's report of the job at `now`. Undefined if the proxy has never known the job, or has forgotten it. */
export const reportOf = (cluster: Cluster, job: NoticedJob, proxyId: string, now: number): Report | undefined => {
  const { notice } = job
  if (notice.forgottenBy.has(proxyId)) return undefined
  const lagMs = (notice.lags.get(proxyId) ?? 1) + (cluster.lateBy.get(proxyId) ?? 0)
  const notified = fromTargets(cluster, job, lagMs, now)
  const forced = decisionOf(job, proxyId)
  const report =
    forced && forced.atMs + lagMs <= now && (notified.endMs === 0 || notified.endMs > forced.atMs + lagMs)
      ? { endMs: forced.atMs + lagMs, aborted: true, err: forced.err }
      : notified
  if (report.endMs === 0) return report
  const { statusKeptMs, pruneEveryMs } = cluster.timing
  const prunedMs = Math.ceil((report.endMs + statusKeptMs) / pruneEveryMs) * pruneEveryMs
  if (now < prunedMs) return report
  notice.forgottenBy.add(proxyId)
  return undefined
}

/** Whether the bucket filter of `status` finds the job. */
export const isListenedAs = (job: NoticedJob, bck: BucketName): boolean =>
  job.notice.buckets.some((bucket) => bucketUri(bucket) === bucketUri(bck))

/** Whether the job has a notice. */
export const isNoticed = (job: Job | undefined): job is NoticedJob => job?.notice !== undefined

/** Ends a job by decision of the proxies, unless an earlier decision exists. */
export const forceEnd = (job: NoticedJob, atMs: number, err: string): void => {
  if (!job.notice.forced || job.notice.forced.atMs > atMs) job.notice.forced = { atMs, err }
}
