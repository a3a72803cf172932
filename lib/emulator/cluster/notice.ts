import type { BucketName } from './bucket.ts'
import { bucketUri } from './bucket.ts'
import { endsAtMs, hasEnded } from './run.ts'
import type { Cluster, Job, Notice, Proxy, Run } from './state.ts'

/** What a proxy has heard of a job. `endMs` is 0 while it has heard of no end. */
export interface Heard {
  readonly endMs: number
  readonly aborted: boolean
  readonly err: string
}

/** A job that has a notice. */
export type NoticedJob = Job & { readonly notice: Notice }

const unheard: Heard = { endMs: 0, aborted: false, err: '' }

/** Members of the Information Center: the primary and up to two more, in the order of the proxies. */
export const icMembers = (cluster: Cluster): readonly Proxy[] => {
  const mapped = cluster.proxies.filter((proxy) => proxy.inMap)
  const others = mapped.filter((proxy) => proxy.id !== cluster.primary)
  return [...mapped.filter((proxy) => proxy.id === cluster.primary), ...others].slice(0, 3)
}

/** True for members of the Information Center. */
export const isIcMember = (cluster: Cluster, proxyId: string): boolean =>
  icMembers(cluster).some((proxy) => proxy.id === proxyId)

/** The server shows the first error, and how many more there are. */
const withMore = (first: string, more: number): string =>
  more <= 0 ? first : `${first} (and ${more} more error${more === 1 ? '' : 's'})`

const joined = (errors: readonly string[]): string => {
  const [first = '', ...rest] = [...new Set(errors.filter((text) => text !== ''))]
  return withMore(first, rest.length)
}

/** When a proxy knows of an end at `endMs`: at once where it is told, else when it asks next. */
const knownMs = (cluster: Cluster, job: NoticedJob, endMs: number): number => {
  if (job.notice.told) return endMs
  const period = cluster.timing.notifyMs
  return job.startMs + Math.max(1, Math.ceil((endMs - job.startMs) / period)) * period
}

const fromTargets = (cluster: Cluster, job: NoticedJob, lagMs: number, now: number): Heard => {
  if (job.notice.deaf) return unheard
  // One pass without lists: a question after ten thousand jobs comes by here ten thousand times.
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
  if (!aborted && !finished) return unheard
  // The first target that tells of an abort ends the job for the proxies; a finished job waits for its last target.
  const ended = aborted ? firstAbortMs : lastEndMs
  const endMs = knownMs(cluster, job, ended) + lagMs
  if (endMs > now) return unheard
  const errors = job.runs.flatMap((run) => [isTold(run, now) ? run.abortErr : '', run.err])
  errors.push(job.notice.ownErr)
  return { endMs, aborted, err: joined(errors) }
}

const isTold = (run: Run, now: number): boolean => run.abortMs < Infinity && hasEnded(run, now)

/** A status is asked for: the proxy polls the targets that are late, and meets one more that does not have the job. */
export const poll = ({ notice }: NoticedJob, proxyId: string, now: number): void => {
  const { missed, lags, polls } = notice
  if (missed && missed.atMs + (lags.get(proxyId) ?? 1) <= now) polls.set(proxyId, (polls.get(proxyId) ?? 0) + 1)
}

/** What the proxies decide by themselves: that a node of the job is gone, or that a target does not have it. */
const decisionOf = (job: NoticedJob, proxyId: string): { readonly atMs: number; readonly err: string } | undefined => {
  const { forced, missed, buckets, polls } = job.notice
  if (!missed || (forced && forced.atMs < missed.atMs)) return forced
  const { atMs, targets } = missed
  const all = new Set([...job.runs.map((run) => run.target.id), ...targets]).size
  const over = job.runs.filter((run) => hasEnded(run, atMs)).length
  const name = [`nl-${job.kind}[${job.id}]`, ...buckets.slice(0, 2).map(bucketUri)].join('-')
  const count = over === 0 ? '' : `(cnt=${over}/${all})`
  const [first = ''] = targets
  const more = Math.min(polls.get(proxyId) ?? 0, targets.length) - 1
  return { atMs, err: withMore(`t[${first}]: ${name}${count} at t[${first}] does not exist`, more) }
}

/** What the proxy knows of the job at `now`, or nothing where it never heard of it or has thrown it away. */
export const heardBy = (cluster: Cluster, job: NoticedJob, proxyId: string, now: number): Heard | undefined => {
  const { notice } = job
  if (notice.forgottenBy.has(proxyId)) return undefined
  const lagMs = notice.lags.get(proxyId) ?? 1
  const told = fromTargets(cluster, job, lagMs, now)
  const forced = decisionOf(job, proxyId)
  const heard =
    forced && forced.atMs + lagMs <= now && (told.endMs === 0 || told.endMs > forced.atMs + lagMs)
      ? { endMs: forced.atMs + lagMs, aborted: true, err: forced.err }
      : told
  if (heard.endMs === 0) return heard
  const { statusKeptMs, pruneEveryMs } = cluster.timing
  const prunedMs = Math.ceil((heard.endMs + statusKeptMs) / pruneEveryMs) * pruneEveryMs
  if (now < prunedMs) return heard
  notice.forgottenBy.add(proxyId)
  return undefined
}

/** True where a bucket filter of `status` finds the job. */
export const isListenedAs = (job: NoticedJob, bck: BucketName): boolean =>
  job.notice.buckets.some((bucket) => bucketUri(bucket) === bucketUri(bck))

/** Narrows to jobs that have a notice. */
export const isNoticed = (job: Job | undefined): job is NoticedJob => job?.notice !== undefined

/** Ends a job for the proxies by their own decision, unless an earlier one stands. */
export const forceEnd = (job: NoticedJob, atMs: number, err: string): void => {
  if (!job.notice.forced || job.notice.forced.atMs > atMs) job.notice.forced = { atMs, err }
}
