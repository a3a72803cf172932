import type { Observable } from 'rxjs'
import { isLeft, right } from '../common/either.ts'
import type { ClusterLike } from '../environment.ts'
import type { LaunchResult } from '../error.ts'
import { isKindName, type KindName } from '../model/kind.ts'
import { fitting, matching, oneOf, optional, readOptions, refuse, type Check, type Checked } from './fields.ts'
import type { LaunchedJob } from './launched.ts'
import { actionBody, launchAny } from './send-launch.ts'

/** A request of {@link command}. */
export interface CommandRequest {
  /** The method. */
  readonly method: 'DELETE' | 'PATCH' | 'POST' | 'PUT'
  /** The path, which begins with `/v1/`. */
  readonly path: string
  /** The query, without its question mark. */
  readonly query?: string | undefined
  /** The action, such as `copy-bck`. */
  readonly action: string
  /** The `name` of the action. */
  readonly name?: string | undefined
  /** The `value` of the action: anything that JSON can hold. */
  readonly value?: unknown
  /** The kind of the jobs in the result. Defaults to the action. */
  readonly kind?: KindName | undefined
}

const kindName: Check<string> = (argument, given) =>
  fitting(argument, given, isKindName(given) ? given : undefined, 'a name such as "copy-bck"')

const anything: Check<unknown> = (_, given) => right(given)

/**
 * Sends a command for which there is no function yet, such as one of a newer server. EACH SUBSCRIPTION SENDS IT ONCE.
 *
 * It refuses the requests that are known to crash a server (protocol T3), and selections of objects without `objnames`
 * and `template`, which would mean every object (protocol T13).
 *
 * @param cluster the cluster
 * @param request `method`, `path` (begins with `/v1/`), `query`, `action`, `name`, `value`; `kind`: the kind of the jobs in
 * the result (default: the action)
 * @returns cold; one Right with the jobs that the reply names (an empty list if it names none), or one Left with
 * `mayHaveStarted`: InvalidArgument, DecodeError (the reply is no list of ids), or an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job
 * @see docs/protocol.md#t3
 * @example
 * import { command, createCluster } from 'aistore-rx'
 * const request = { method: 'POST', path: '/v1/buckets/photos', query: 'provider=ais', action: 'new-job', value: {} } as const
 * command(createCluster('http://localhost:8080'), request).subscribe(console.log)
 */
export function command(
  cluster: ClusterLike,
  request: CommandRequest,
): Observable<LaunchResult<readonly LaunchedJob[]>> {
  return launchAny(cluster, () => {
    const read = readOptions(request, {
      method: oneOf('DELETE', 'PATCH', 'POST', 'PUT'),
      path: matching(/^\/v1\/[^\s?#\\]+$/, 'a path such as "/v1/buckets/photos"'),
      query: optional(matching(/^[^\s?#]*$/, 'a query such as "provider=ais"')),
      action: kindName,
      name: optional(matching(/^[^\0-\x1f\x7f]*$/, 'a text without control characters')),
      value: anything,
      kind: optional(kindName),
    })
    if (isLeft(read)) return read
    const { args } = read.right
    const bad = checkHarm(args)
    if (isLeft(bad)) return bad
    const sent = { method: args.method, path: args.path, query: args.query ?? '' }
    try {
      return right({
        request: sent,
        body: actionBody(args.action, args.value, args.name),
        kind: args.kind ?? args.action,
      })
    } catch {
      return refuse('value', 'got a value that JSON cannot hold, such as one that contains itself; takes plain data')
    }
  })
}

/** The actions that select objects. */
const TAKES_OBJECTS = /-listrange$|^archive$/

/** The member of an object with this lower-case name. */
const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? // The server ignores the case of keys.
      (Object.entries(value).find(([key]) => key.toLowerCase() === name)?.[1] as unknown)
    : undefined

/**
 * Refuses requests that are known to harm every target (protocol T3), or that select every object by accident (protocol
 * T13).
 */
function checkHarm({ path, query, action, value }: Omit<CommandRequest, 'method'>): Checked<void> {
  const kind = action === 'start' ? String(member(value, 'kind')) : action
  const bucket = member(value, 'bck')
  const provider = action === 'start' ? member(bucket, 'provider') : new URLSearchParams(query ?? '').get('provider')
  const space = new URLSearchParams(query ?? '').get('namespace') ?? ''
  const isOfOtherCluster =
    action === 'start' ? Boolean(member(member(bucket, 'namespace'), 'uuid')) : /^@[^#]/.test(space)
  if (kind === 'create-inventory' && (!provider || provider === 'ais') && !isOfOtherCluster)
    return refuse('action', 'got create-inventory of a bucket that is not remote; every target would go down')
  if (action === 'start' && /^prefetch-(?:listrange|objects)$/.test(kind) && !member(bucket, 'name'))
    return refuse('value', 'got no bucket; without one, every target would stop taking jobs until it is restarted')
  const names = member(value, 'objnames')
  const hasNames = Array.isArray(names) && names.length > 0
  if (
    /^\/v1\/buckets\//.test(path) &&
    TAKES_OBJECTS.test(action) &&
    !hasNames &&
    member(value, 'template') === undefined
  )
    return refuse('value', 'got neither objnames nor template, which means every object; write template: "" for that')
  return right(undefined)
}
