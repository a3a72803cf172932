import { defer, map, of, type Observable } from 'rxjs'
import type { Bucket } from '../codec/bucket.ts'
import { decode } from '../codec/decode.ts'
import { DownloadStarted } from '../codec/download.ts'
import { stringifyJson } from '../codec/json.ts'
import { defined } from '../common/defined.ts'
import { isLeft, left, right } from '../common/either.ts'
import { asLaunch } from '../common/launches.ts'
import { show } from '../common/text.ts'
import { environmentOf, type ClusterLike } from '../environment.ts'
import type { JobError, LaunchResult, RequestInfo, Result } from '../error.ts'
import type { KindName } from '../model/kind.ts'
import { isDownloadId } from '../model/download.ts'
import { isJobId } from '../model/selection.ts'
import { sendCall } from '../request/fail-over.ts'
import { decodeDone } from '../request/decode-done.ts'
import { mayHaveStarted, refusedLaunch } from '../request/may-have-started.ts'
import type { Checked } from './fields.ts'
import type { AlreadyDone, LaunchedJob, LaunchedJobs, Total } from './launched.ts'

/** The request that starts a job, and what is known of the job beforehand. */
export interface Launch {
  readonly request: RequestInfo
  readonly body: string
  /** The kind of the job that it starts. */
  readonly kind: KindName
  readonly inBucket?: Bucket | undefined
  /** Whether other launches may share the job. */
  readonly shared?: boolean | undefined
  /**
   * Whether the proxies list the bucket and give the job its work page by page. The reply then may name a job that no
   * target knows, because there was nothing to do.
   */
  readonly mayBeUnknown?: boolean | undefined
  /** The total that the request itself contains. */
  readonly expected?: Total | undefined
  /** Whether the request goes to one target only. If that target refuses, nothing has started. */
  readonly isOneTarget?: boolean | undefined
}

/** The body of an action. */
export const actionBody = (action: string, value?: unknown, name?: string): string =>
  stringifyJson(defined({ action, name, value }))

/** The request for an action on a bucket or on its objects. */
export function bucketRequest(
  method: 'DELETE' | 'GET' | 'POST' | 'PUT',
  of: 'buckets' | 'objects',
  bucket: Bucket,
  more: Readonly<Record<string, string>> = {},
): RequestInfo {
  const { name, provider, namespace } = bucket
  const space = isGlobal(namespace) ? undefined : `@${namespace?.uuid ?? ''}#${namespace?.name ?? ''}`
  const query = { provider: provider || 'ais', ...defined({ namespace: space }), ...more }
  const text = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
  return { method, path: `/v1/${of}/${encodeURIComponent(name)}`, query: text.join('&') }
}

const isGlobal = (namespace: Bucket['namespace']): boolean => !namespace?.uuid && !namespace?.name

/** The destination of a copy, as the query names it. */
export const pathOf = ({ name, provider, namespace }: Bucket): string =>
  `${provider || 'ais'}/@${namespace?.uuid ?? ''}#${namespace?.name ?? ''}/${name}/`

/** Sends a launch once. `read` turns the jobs of the reply (none, if the reply is empty) into the result. */
function sendLaunch<A>(
  cluster: ClusterLike,
  plan: () => Checked<Launch>,
  read: (jobs: readonly LaunchedJob[], launch: Launch) => A | undefined,
): Observable<LaunchResult<A>> {
  const launched = defer(() => {
    const environment = environmentOf(cluster)
    if (isLeft(environment)) return of(left(mayHaveStarted(environment.left)))
    const planned = plan()
    if (isLeft(planned)) return of(left(mayHaveStarted(planned.left)))
    const launch = planned.right
    const { ids, scheduler } = environment.right
    const sinceMs = scheduler.now()
    const decode = (body: string, request: RequestInfo, status: number): Result<A> => {
      const done = body.trim() === '' ? decodeDone(body, request, status) : right(undefined)
      if (isLeft(done)) return done
      const jobs = jobsIn(body, launch, sinceMs, ids)
      const answer = jobs === undefined ? undefined : read(jobs, launch)
      return answer === undefined ? left(noId(body, request, launch.kind)) : right(answer)
    }
    const refusal = refusedLaunch({ isOneTarget: launch.isOneTarget === true })
    return sendCall(cluster, { request: launch.request, body: launch.body, decode, refusal }).pipe(
      map((result) => (isLeft(result) ? left(mayHaveStarted(result.left)) : result)),
    )
  })
  return asLaunch(launched)
}

/** Launches a job that the server may split into several. */
export const launchMany = (cluster: ClusterLike, plan: () => Checked<Launch>): Observable<LaunchResult<LaunchedJobs>> =>
  sendLaunch(cluster, plan, ([first, ...others]) => (first === undefined ? undefined : [first, ...others]))

/**
 * Launches one job. If the server names several ids, they stay together in one reference, separated by commas (protocol
 * T23).
 */
export const launchOne = (cluster: ClusterLike, plan: () => Checked<Launch>): Observable<LaunchResult<LaunchedJob>> =>
  sendLaunch(cluster, plan, joined)

/** Launches a job that may be done when the server replies. The reply is then empty. */
export const launchOrDone = (
  cluster: ClusterLike,
  plan: () => Checked<Launch>,
): Observable<LaunchResult<LaunchedJob | AlreadyDone>> =>
  sendLaunch<LaunchedJob | AlreadyDone>(cluster, plan, (jobs, { kind }) => joined(jobs) ?? { done: true, kind })

/** Launches a job whose reply never has an id, because the job is done when the server replies. */
export const launchDone = (cluster: ClusterLike, plan: () => Checked<Launch>): Observable<LaunchResult<AlreadyDone>> =>
  sendLaunch<AlreadyDone>(cluster, plan, (_, { kind }) => ({ done: true, kind }))

/** Sends any command. Its reply may have no job. */
export const launchAny = (
  cluster: ClusterLike,
  plan: () => Checked<Launch>,
): Observable<LaunchResult<readonly LaunchedJob[]>> => sendLaunch(cluster, plan, (jobs) => jobs)

function joined(jobs: readonly LaunchedJob[]): LaunchedJob | undefined {
  const [first] = jobs
  return first === undefined || jobs.length === 1 ? first : { ...first, id: jobs.map(({ id }) => id).join(',') }
}

/** The jobs that a reply names: ids as bare text, separated by commas, or JSON with one id. */
function jobsIn(
  body: string,
  { kind, inBucket, expected, ...launch }: Launch,
  sinceMs: number,
  grammar: RegExp | undefined,
): readonly LaunchedJob[] | undefined {
  const json = decode(DownloadStarted, body)
  const bare = isLeft(json) ? body.trim() : json.right.id
  if (bare === '') return []
  const ids = bare.split(',')
  if (!ids.every((id) => isJobId(id, grammar) && (kind !== 'download' || isDownloadId(id)))) return undefined
  const shared = launch.shared === true ? (true as const) : undefined
  const ofPages = (id: string): { readonly mayBeUnknown?: true; readonly paged?: true } => {
    if (launch.mayBeUnknown !== true) return {}
    return id.startsWith(STARTED) ? { paged: true } : { mayBeUnknown: true }
  }
  return ids.map((id) => ({
    id,
    kind,
    sinceMs,
    ...defined({ inBucket, expected, shared }),
    ...ofPages(id),
  }))
}

/**
 * The prefix of the ids of copies that the targets have started. If there is nothing to copy, the proxy replies with an
 * id of its own, which has no such prefix. Servers before 3.22 use no prefix at all.
 */
const STARTED = 'tco-'

const noId = (body: string, request: RequestInfo, kind: KindName): JobError => ({
  _tag: 'DecodeError',
  problems: [
    kind === 'download'
      ? // Servers before AIStore 3.16 use ids that look like the ids of all other jobs.
        `$: expected the id of a download, which begins with "dnl-", got ${show(body.trim())}; downloads() shows it`
      : `$: expected the id of a job, got ${show(body.trim())}; find the job by its kind and bucket`,
  ],
  notJson: true,
  request,
})
