import { expect } from 'chai'
import { NEVER, delay, isObservable, of, timer, type Observable } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { constant } from '../../lib/cadence.ts'
import type { Cluster } from '../../lib/cluster.ts'
import type { ClusterOptions } from '../../lib/environment.ts'
import type { JobError, Result } from '../../lib/error.ts'
import type { JobSelector } from '../../lib/model/selection.ts'
import type { HttpResponse } from '../../lib/transport/transport.ts'
import type { WaitResult } from '../../lib/model/wait-result.ts'
import { wait } from '../../lib/wait.ts'
import { clusterOf, failing, refusal, scripted, type Recorded, type Reply } from './scripted.ts'

// A cluster in virtual time. It answers with wire text, so that the real decoder reads it; what it says is a function
// of the question and of the virtual millisecond at which it was asked.

/** What was asked: the question, and whom it was about. */
export interface Asked {
  readonly question: 'status' | 'statuses' | 'snapshots' | 'running' | 'map' | 'other'
  readonly id: string | undefined
  readonly kind: string | undefined
  readonly request: Recorded
}

type Answer = (ms: number, asked: Asked) => Reply

/** What is left out is answered as a cluster does that has never heard of the job, and with a map of three targets. */
export interface World {
  readonly status?: Answer
  /** Of all jobs at once (`status_all`, `running_all`). */
  readonly statuses?: Answer
  readonly running?: Answer
  readonly snapshots?: Answer
  readonly map?: Answer
  /** Commands. */
  readonly other?: Answer
}

/** All that came out of it. */
export interface Observed<A> {
  readonly values: readonly A[]
  /** When each value came. */
  readonly times: readonly number[]
  readonly completedAtMs: number | undefined
  readonly error: unknown
  /** `question@ms`, in the order in which they were asked. */
  readonly asked: readonly string[]
  readonly requests: readonly Recorded[]
}

export interface ObserveOptions extends Omit<ClusterOptions, 'transport'> {
  readonly unsubscribeAtMs?: number
  readonly endpoints?: readonly string[]
}

/** Subscribes in virtual time and runs until nothing is left to happen; questions a second apart unless told. */
export function observe<A>(
  world: World,
  ask: (cluster: Cluster) => Observable<A>,
  { unsubscribeAtMs, endpoints, ...options }: ObserveOptions = {},
): Observed<A> {
  const scheduler = new TestScheduler(() => undefined)
  const seen: { values: A[]; times: number[]; completedAtMs: number | undefined; error: unknown } = {
    values: [],
    times: [],
    completedAtMs: undefined,
    error: undefined,
  }
  const cluster = virtual(world, scheduler)
  scheduler.run(() => {
    const subscription = ask(
      clusterOf(cluster, { cadence: constant(1000), scheduler, ...options }, endpoints ?? 'http://p1'),
    ).subscribe({
      next: (value) => {
        seen.values.push(value)
        seen.times.push(scheduler.now())
      },
      error: (error: unknown) => (seen.error = error),
      complete: () => (seen.completedAtMs = scheduler.now()),
    })
    if (unsubscribeAtMs !== undefined)
      timer(unsubscribeAtMs, scheduler).subscribe(() => {
        subscription.unsubscribe()
      })
  })
  const { requests } = cluster
  return { ...seen, requests, asked: requests.map((request) => `${questionOf(request)}@${request.atMs}`) }
}

/** The transport alone, for specs that bring their own clock. */
export function virtual(world: World, scheduler: TestScheduler | { now(): number }): ReturnType<typeof scripted> {
  return scripted((request) => {
    const question = questionOf(request)
    const { id, kind } = (request.body ?? {}) as { id?: string; kind?: string }
    const answer = world[question] ?? WORLD[question]
    return answer?.(request.atMs, { question, id, kind, request }) ?? failing('EUNASKED', request.url)
  }, scheduler as TestScheduler)
}

const QUESTIONS: Readonly<Record<string, Asked['question']>> = {
  'what=status': 'status',
  'what=status_all': 'statuses',
  'what=qryxstats': 'snapshots',
  'what=running_all': 'running',
  'what=smap': 'map',
}

/** How many requests of a sort went out, of those that are listed as `question@ms`. */
export const countOf = (asked: readonly string[], question: Asked['question']): number =>
  asked.filter((one) => one.startsWith(`${question}@`)).length

/** Which question a request is. */
export const questionOf = ({ method, query }: Recorded): Asked['question'] =>
  method === 'GET' ? (QUESTIONS[query] ?? 'other') : 'other'

// ── replies ──────────────────────────────────────────────────────────────────────────────────────────────────────

const text = (body: string, status = 200, type = 'application/json'): HttpResponse => ({
  status,
  headers: { 'content-type': type },
  body,
})

export const ID = 'oFIsIapbT'

/** Virtual time 0 on the wall; far beyond 2^53 nanoseconds. */
const EPOCH_NS = 1795427154572988356n

/** The wall time of a virtual millisecond, as our values have it. */
export const ns = (ms: number): bigint => EPOCH_NS + BigInt(ms) * 1_000_000n

/** The same as targets write it. */
const wire = (ms: number | undefined): string => {
  if (ms === undefined) return '0001-01-01T00:00:00Z'
  const at = ns(ms)
  const fraction = String(at % 1_000_000_000n).padStart(9, '0')
  return `${new Date(Number(at / 1_000_000n)).toISOString().slice(0, 19)}.${fraction}Z`
}

export interface StatusOptions {
  readonly id?: string
  readonly kind?: string
  readonly endMs?: number
  readonly aborted?: boolean
  readonly err?: string
}

/** A status as the IC writes it. */
export const statusIs = (options: StatusOptions = {}): Reply => plain(row(options))

/** The statuses of many, as the IC lists them: without what went wrong (T11), and `null` where there are none. */
export const statusesAre = (all: readonly StatusOptions[]): Reply =>
  plain(all.length === 0 ? 'null' : `[${all.map((one) => row({ ...one, err: '' })).join(',')}]`)

/** What runs, as the targets list it. */
export const runningAre = (jobs: readonly { readonly id: string; readonly kind: string }[]): Reply =>
  text(JSON.stringify(jobs.map(({ id, kind }) => `${kind}[${id}]`)))

const row = ({ id = ID, kind = 'copy-bck', endMs, aborted = false, err = '' }: StatusOptions): string =>
  `{"kind":"${kind}","uuid":"${id}","err":${JSON.stringify(err)},"end_time":${endMs === undefined ? '0' : String(ns(endMs))},"aborted":${aborted}}`

const plain = (body: string): HttpResponse => text(body, 200, 'text/plain; charset=utf-8')

export interface SnapOptions {
  readonly id?: string
  readonly kind?: string
  /** `null`: not begun. */
  readonly startMs?: number | null
  readonly endMs?: number
  readonly aborted?: boolean
  readonly abortErr?: string
  readonly err?: string
  readonly idle?: boolean
}

const NOWHERE = { name: '', provider: '', namespace: { uuid: '', name: '' } }

/** One target's record as it writes it; at work unless told otherwise. */
export function snap({
  id = ID,
  kind = 'copy-bck',
  startMs = 0,
  endMs,
  aborted = false,
  abortErr = '',
  err = '',
  idle,
}: SnapOptions = {}): object {
  const stats = { 'loc-objs': '1', 'loc-bytes': '1024', 'out-objs': '0', 'out-bytes': '0' }
  return {
    ext: null,
    'start-time': wire(startMs ?? undefined),
    'end-time': wire(endMs),
    bck: NOWHERE,
    id,
    kind,
    'abort-err': abortErr,
    err,
    'glob.id': '2',
    stats: { ...stats, 'in-objs': '0', 'in-bytes': '0' },
    aborted,
    // An ordinary job that is not running is idle too (T22).
    is_idle: idle ?? (aborted || endMs !== undefined),
  }
}

/** A reply of the targets; one that names nobody is left as it is: `{}`, or an empty list for each target. */
export const shows = (targets: Readonly<Record<string, readonly object[]>>): Reply =>
  showsTexts(Object.entries(targets).map(([target, snaps]) => [target, snaps.map((one) => JSON.stringify(one))]))

/** The same of records that are written already. */
export const showsTexts = (targets: readonly (readonly [string, readonly string[]])[]): Reply =>
  text(`{${targets.map(([target, snaps]) => `"${target}":[${snaps.join(',')}]\n`).join(',')}}`)

/** All targets show the same. */
export const allShow = (one: object, targets: readonly string[] = ['t1', 't2', 't3']): Reply =>
  shows(Object.fromEntries(targets.map((target) => [target, [one]])))

export const mapOf = (targets: readonly string[], flags: Readonly<Record<string, number>> = {}): Reply => {
  const node = (id: string): object => ({
    daemon_id: id,
    public_net: { direct_url: `http://${id}:8080` },
    flags: flags[id] ?? 0,
  })
  const tmap = Object.fromEntries(targets.map((target) => [target, node(target)]))
  return text(JSON.stringify({ uuid: 'u', version: '7', proxy_si: node('p1'), pmap: { p1: node('p1') }, tmap }))
}

export const denied: Reply = refusal(404, `"x-[${ID}]" not found`)
export const statusUnknown: Reply = refusal(404, `p[p1]: x-[${ID}] does not exist`, 'ErrNotFound')
export const unreachable: Reply = refusal(
  400,
  'p[p1]: failed to call t[t2] [control-plane], err: connection refused',
  'ErrFailedTo',
)
export const empty = (status: number): Reply => text('', status)
export const page = (status: number): Reply => text('<html><body>upstream</body></html>', status, 'text/html')
export const undecodable: Reply = text('{"uuid":7,"t1":[{"id":7}]}')
export const refused: Reply = failing('ECONNREFUSED')
export const silent: Reply = NEVER

/** The same, so much later. */
export const after = (ms: number, reply: Reply): Reply => (isObservable(reply) ? reply : of(reply)).pipe(delay(ms))

/** The server tries for two seconds before it says 404 of a status. */
const WORLD: World = {
  status: () => after(2000, statusUnknown),
  statuses: () => statusesAre([]),
  snapshots: () => denied,
  running: () => runningAre([]),
  map: () => mapOf(['t1', 't2', 't3']),
}

// ── waits ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Settled {
  readonly result: Result<WaitResult>
  readonly atMs: number
  readonly asked: readonly string[]
  readonly requests: readonly Recorded[]
}

export interface SettleOptions extends ObserveOptions {
  readonly timeoutMs?: number
  readonly by?: typeof wait
}

/** Waits in a world, and holds the wait to what every wait promises: one value, an end, one request at a time of each source, no trace. */
export function settle(world: World, selector: JobSelector, options: SettleOptions = {}): Settled {
  const { timeoutMs, by = wait, ...env } = options
  const observed = observe(world, (c) => by(c, selector, timeoutMs === undefined ? {} : { timeoutMs }), env)
  const { values, times, completedAtMs, error, requests, asked } = observed
  expect(error, 'the error channel').to.equal(undefined)
  expect(values, 'values').to.have.lengthOf(1)
  expect(completedAtMs, 'completed').to.equal(times[0])
  const atMs = times[0] ?? NaN
  expect(
    requests.filter((request) => request.atMs > atMs || request.state === 'open'),
    'after the end',
  ).to.deep.equal([])
  if (!selector.id?.includes(','))
    for (const source of ['status', 'statuses', 'snapshots', 'running', 'map']) {
      const own = requests.filter((request) => questionOf(request) === source)
      own.forEach((request, nth) => {
        const before = own[nth - 1]
        if (before !== undefined) expect(before.endedAtMs, `two of ${source} at a time`).to.be.at.most(request.atMs)
      })
    }
  return { result: values[0]!, atMs, asked, requests }
}

/** What a wait says of the job; fails where it could not tell. */
export function outcomeOf({ result }: Settled): WaitResult {
  expect(
    result._tag,
    JSON.stringify(result, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  ).to.equal('Right')
  return (result as { right: WaitResult }).right
}

/** Why a wait could not tell. */
export function errorOf({ result }: Settled): JobError {
  expect(result._tag).to.equal('Left')
  return (result as { left: JobError }).left
}

/** What a wait says of a job that ended well. */
export const finished = (endMs: number, kind = 'copy-bck'): WaitResult => ({
  jobId: ID,
  kind,
  outcome: 'finished',
  success: true,
  aborted: false,
  endTime: ns(endMs),
})
