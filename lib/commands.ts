import { map, of, switchMap, type Observable } from 'rxjs'
import { startBody, stopBody } from './codec/messages.ts'
import { isLeft, left, right } from './common/either.ts'
import { asLaunch } from './common/launches.ts'
import type { ClusterLike } from './environment.ts'
import { invalidArgument, type InvalidArgument, type LaunchResult, type RequestInfo, type Result } from './error.ts'
import { forEachId, withSelection } from './queries.ts'
import { sendCall } from './request/fail-over.ts'
import { decodeDone } from './request/decode-done.ts'
import { mayHaveStarted, refusedLaunch } from './request/may-have-started.ts'
import { mayHaveStopped } from './request/may-have-stopped.ts'
import type { Refused } from './request/reply.ts'
import { isJobId, type JobSelector, type Selection } from './model/selection.ts'
import { checkStart, type StartOptions } from './model/start-options.ts'
import { show } from './common/text.ts'
import { stopDownload } from './download/requests.ts'
import { isDownloadId } from './model/download.ts'
import { ENDED, NOT_RUNNING, checkTimeout, endOf } from './wait.ts'
import { defined } from './common/defined.ts'

/** A job that was started. */
export interface Started {
  /** Absent if the server returned no id (protocol T12). Then wait for the kind. */
  readonly id?: string
  /** The name of the kind, even if the job was started by its display name. */
  readonly kind: string
}

const COMMAND: RequestInfo = Object.freeze({ method: 'PUT', path: '/v1/cluster', query: '' })

/**
 * Starts a job. EACH SUBSCRIPTION STARTS A JOB.
 *
 * The request is sent once and never repeated. If the Left has `mayHaveStarted`, look for the job with `findJobs`
 * before you start another one (protocol T24, T25). If the server returns no id, wait for the kind immediately: a wait
 * ignores a run that has ended before the first reply to the wait.
 *
 * @param cluster the cluster
 * @param options the kind, and its arguments: `bucket`, `buckets`, `target`, `name`, `force` (default false), `flags`
 * (default 0)
 * @returns cold; one Right({ id, kind }) with the name of the kind (without an id if the server returns none, as for
 * blob-download: protocol T12), or one Left with `mayHaveStarted`: InvalidArgument (also for a request that is known to
 * crash a server: protocol T3), NotFound (the bucket does not exist), HttpError (409 while the kind or a rebalance is
 * running, 501 if the server does not support the request), or an error that any request can have
 * @see docs/protocol.md#21-start; Python `Job.start`, Go `api.StartXaction`
 * @example
 * import { createCluster, start } from 'aistore-rx'
 * start(createCluster('http://localhost:8080'), { kind: 'load-lom-cache', bucket: { name: 'data' } }).subscribe(console.log)
 */
export function start(cluster: ClusterLike, options: StartOptions): Observable<LaunchResult<Started>> {
  const started = withSelection(cluster, undefined, 'anything', (_, { kinds, ids }) => {
    const checked = checkStart(options, kinds)
    if (isLeft(checked)) return of(checked)
    const { kind } = checked.right
    return sendCall(cluster, {
      request: COMMAND,
      body: startBody(checked.right),
      decode: (body, request, status) => startedOf(kind, body, request, status, ids),
      refusal: refusedStart,
    })
  })
  return asLaunch(started.pipe(map((result) => (isLeft(result) ? left(mayHaveStarted(result.left)) : result))))
}

/**
 * If the cluster reports that the bucket does not exist, no target has started the job. After any other refusal, some
 * targets may have.
 */
const refusedStart: Refused = (error, body) =>
  error._tag === 'NotFound' && body !== undefined
    ? { ...error, mayHaveStarted: false }
    : refusedLaunch({ isOneTarget: false })(error, body)

/** Reads the id in the reply to a start. The reply is empty for kinds that return none. */
function startedOf(
  kind: string,
  body: string,
  request: RequestInfo,
  status: number,
  grammar?: RegExp,
): Result<Started> {
  const id = body.trim()
  if (id === '') {
    const done = decodeDone(body, request, status)
    return isLeft(done) ? done : right({ kind })
  }
  return id.split(',').every((one) => isJobId(one, grammar))
    ? right({ id, kind })
    : left({ _tag: 'DecodeError', problems: [`$: expected the id of a job, got ${show(id)}`], notJson: true, request })
}

/** Settings of {@link abort}. */
export interface AbortOptions {
  /** Whether to wait until the snapshots show that the job has ended. Defaults to false. */
  readonly confirm?: boolean | undefined
  /** How long to wait for the confirmation, in milliseconds. Defaults to 60,000. */
  readonly timeoutMs?: number | undefined
}

const CONFIRM_TIMEOUT_MS = 60_000

/**
 * Aborts a job, or all running jobs of a kind.
 *
 * The cluster accepts the request before the abort takes effect, and also for jobs that are unknown or have ended
 * (protocol T6). With `confirm`, the stream waits for the effect, even if the request failed in a way that leaves the
 * effect unknown. Several users may share one job of a kind that idles: an abort stops the work of all of them (protocol
 * T15).
 *
 * @param cluster the cluster
 * @param selector an id, or several separated by commas (without a bucket; the server then ignores the kind); or a
 * kind, optionally with a bucket
 * @param options `confirm`: whether to wait until the job has ended (default false); `timeoutMs`: how long to wait for
 * that, in milliseconds (default 60,000)
 * @returns cold; one Right(undefined), or one Left: InvalidArgument, an error that any request can have, or with
 * `confirm` also NotFound (no target knows the id for 10 s) and WaitTimeout (the abort had no effect in time). An error
 * that leaves the effect unknown (a reply got lost, one target could not be called) is a Left with `confirm` only if the
 * job has not ended in time
 * @see docs/protocol.md#22-stop; Python `Job.abort`, Go `api.AbortXaction`
 * @example
 * import { createCluster, abort } from 'aistore-rx'
 * abort(createCluster('http://localhost:8080'), { id: 'zOCwz4iJS' }, { confirm: true }).subscribe(console.log)
 */
export function abort(
  cluster: ClusterLike,
  selector: JobSelector,
  options: AbortOptions = {},
): Observable<Result<void>> {
  return withSelection(cluster, selector, 'job', (selection) => {
    const given: unknown = options
    if (typeof given !== 'object' || given === null)
      return of(left(invalidArgument('options', `got ${show(given)}; takes an object such as { confirm: true }`)))
    const { confirm = false, timeoutMs = CONFIRM_TIMEOUT_MS } = options
    const bad = typeof confirm === 'boolean' ? checkTimeout(timeoutMs) : notBoolean('confirm', confirm)
    if (bad !== undefined) return of(left(bad))
    if (selection.target !== undefined)
      return of(left(invalidArgument('target', 'a job is aborted on all of its targets; leave the target out')))
    if (selection.ids.length > 0 && selection.bucket !== undefined)
      return of(left(invalidArgument('bucket', 'the cluster ignores a bucket if there is an id; leave the bucket out')))
    const stopped = forEachId(selection, (one) => stop(cluster, one)).pipe(
      map((results) => results.find(isLeft) ?? right(undefined)),
    )
    if (!confirm) return stopped
    return stopped.pipe(
      switchMap((result) => {
        if (!isLeft(result)) return confirmed(cluster, selection, timeoutMs)
        if (!mayHaveStopped(result.left)) return of(result)
        // If there is no confirmation, the reason why is the failure of the request.
        return confirmed(cluster, selection, timeoutMs).pipe(map((shown) => (isLeft(shown) ? result : shown)))
      }),
    )
  })
}

const notBoolean = (argument: string, got: unknown): InvalidArgument =>
  invalidArgument(argument, `got ${show(got)}; takes true or false`)

function stop(cluster: ClusterLike, { ids: [id], kind, bucket }: Selection): Observable<Result<void>> {
  // The stop request of the cluster succeeds for the id of a download, but does nothing.
  if (id !== undefined && isDownloadId(id)) return stopDownload(cluster, id)
  const body = stopBody({ id, kind, bucket: id === undefined ? bucket : undefined })
  return sendCall(cluster, { request: COMMAND, body, decode: decodeDone })
}

/** Waits until the abort has taken effect; by kind, until every run of the kind has stopped. */
function confirmed(
  cluster: ClusterLike,
  { ids, kind, bucket }: Selection,
  timeoutMs: number,
): Observable<Result<void>> {
  return ids.length > 0
    ? endOf(cluster, { id: ids.join(','), ...defined({ kind }) }, ENDED, timeoutMs)
    : endOf(cluster, defined({ kind, bucket }), NOT_RUNNING, timeoutMs)
}
