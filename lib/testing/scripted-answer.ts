import { sameBucket, type Bucket } from '../codec/bucket.ts'
import { stringifyJson } from '../codec/json.ts'
import { JobSnap } from '../codec/job-snap.ts'
import { JobStatus } from '../codec/job-status.ts'
import { isAborted, isTerminal } from '../model/snapshot.ts'
import type { HttpRequest, HttpResponse } from '../transport/transport.ts'
import { withoutForgetting, snapAt, afterStop, type Timeline } from './job-script.ts'

/** One job of a script and its current state. */
export interface ScriptedJob {
  readonly id: string
  readonly kind: string
  /** Whether the Information Center keeps a status of the kind. */
  readonly ic: boolean
  /** Bucket of the job: a default, until a start request names a bucket. */
  bucket: Bucket
  /** Timelines by target; undefined until the job is started. */
  parts: ReadonlyMap<string, Timeline> | undefined
  readonly onStart: ReadonlyMap<string, Timeline> | undefined
}

/** The jobs that the body of a query selects. */
interface RequestedJobs {
  readonly id?: string
  readonly kind?: string
}

const ok = (value: unknown): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: stringifyJson(value),
})
const text = (body: string): HttpResponse => ({ status: 200, headers: { 'content-type': 'text/plain' }, body })
const refused = (status: number, message: string): HttpResponse => ({
  ...ok({ message, status }),
  status,
})

/** The reply of a cluster with these jobs at virtual time `nowMs`. A start or stop changes the jobs. */
export function scriptedAnswer(
  jobs: readonly ScriptedJob[],
  targets: readonly string[],
  request: HttpRequest,
  nowMs: number,
): HttpResponse {
  if (request.method === 'PUT') return answerAction(jobs, request, nowMs)
  const selector = JSON.parse(request.body ?? '{}') as RequestedJobs
  const matching = jobs.filter(({ id, kind }) => (selector.id ?? id) === id && (selector.kind ?? kind) === kind)
  const { searchParams } = new URL(request.url)
  switch (searchParams.get('what')) {
    case 'status':
      return statusOf(matching, selector, nowMs)
    case 'status_all': {
      const statuses = matching.flatMap((job) => statusAt(job, nowMs) ?? [])
      // Without `frc`, the list contains no errors (protocol T11).
      const listed = searchParams.get('frc') === 'true' ? statuses : statuses.map((one) => ({ ...one, err: '' }))
      return ok(listed.length === 0 ? null : listed.map((status) => JobStatus.encode(status)))
    }
    case 'qryxstats':
      return snapshotsOf(matching, selector, targets, nowMs)
    case 'running_all':
      return ok(
        matching
          .filter((job) => snapsAt(job, nowMs).some(([, snap]) => !isTerminal(snap)))
          .map(({ id, kind }) => `${kind}[${id}]`),
      )
    case 'smap':
      return ok(mapOf(targets))
    default:
      return refused(400, `a scripted cluster does not know ${request.method} ${request.url}`)
  }
}

function answerAction(jobs: readonly ScriptedJob[], request: HttpRequest, nowMs: number): HttpResponse {
  const { action, value } = JSON.parse(request.body ?? '{}') as {
    readonly action: string
    readonly value: { readonly ID?: string; readonly Kind?: string; readonly Bck?: Bucket }
  }
  if (action === 'stop') {
    const { ID: id, Kind: kind, Bck: bck } = value
    for (const job of jobs) {
      const isSelected =
        id === undefined ? job.kind === kind && (bck === undefined || sameBucket(job.bucket, bck)) : job.id === id
      // A stop of an unknown job gets the same reply and does nothing (protocol T6).
      if (isSelected && job.parts !== undefined && snapsAt(job, nowMs).length > 0)
        job.parts = new Map([...job.parts].map(([target, timeline]) => [target, afterStop(timeline, nowMs)]))
    }
    return text('')
  }
  const next = jobs.find((job) => job.kind === value.Kind && job.parts === undefined)
  if (next?.onStart === undefined)
    return refused(409, `the script has no job of kind ${value.Kind ?? ''} left to start`)
  if (value.Bck !== undefined) next.bucket = { ...value.Bck, provider: value.Bck.provider ?? 'ais' }
  next.parts = new Map(
    [...next.onStart].map(([target, timeline]) => [
      target,
      timeline.map((step) => ({ ...step, atMs: step.atMs + nowMs })),
    ]),
  )
  return text(next.id)
}

const snapsAt = (job: ScriptedJob, nowMs: number): readonly (readonly [string, JobSnap])[] =>
  [...(job.parts ?? [])].flatMap(([target, timeline]) => {
    const snap = snapAt(job, timeline, nowMs)
    return snap === undefined ? [] : [[target, snap] as const]
  })

/** The status in the Information Center; undefined if it does not know the job or does not track its kind. */
function statusAt(job: ScriptedJob, nowMs: number): JobStatus | undefined {
  if (!job.ic || snapsAt(job, nowMs).length === 0) return undefined
  // A target reports its end before it forgets the job, so the status ignores the state `g`.
  const parts = [...(job.parts?.values() ?? [])]
  const snaps = parts.flatMap((timeline) => snapAt(job, withoutForgetting(timeline), nowMs) ?? [])
  const ends = snaps.flatMap(({ endTime }) => (endTime === undefined ? [] : [endTime]))
  const hasEnded = ends.length === parts.length
  return {
    id: job.id,
    kind: job.kind,
    err: hasEnded ? (snaps.flatMap(({ abortErr, err }) => [abortErr, err]).find((text) => text !== '') ?? '') : '',
    ...(hasEnded ? { endTime: ends.reduce((a, b) => (a > b ? a : b)) } : {}),
    aborted: hasEnded && snaps.some(isAborted),
  }
}

function statusOf(matching: readonly ScriptedJob[], selector: RequestedJobs, nowMs: number): HttpResponse {
  if (selector.id === undefined && selector.kind === undefined) return refused(400, 'invalid x-')
  const statuses = matching.flatMap((job) => statusAt(job, nowMs) ?? [])
  // A query by kind reports a running job or, if no job runs, the job that ended last (protocol T7). A running job has
  // no end time: it is sorted as if it ended later than all others.
  const [reported] = statuses.sort((a, b) => Number((b.endTime ?? 2n ** 62n) - (a.endTime ?? 2n ** 62n)))
  return reported === undefined
    ? refused(404, `x-${selector.kind ?? ''}[${selector.id ?? ''}] does not exist`)
    : ok(JobStatus.encode(reported))
}

function snapshotsOf(
  matching: readonly ScriptedJob[],
  selector: RequestedJobs,
  targets: readonly string[],
  nowMs: number,
): HttpResponse {
  const entries = matching.flatMap((job) => snapsAt(job, nowMs))
  if (selector.id !== undefined && entries.length === 0) return refused(404, `"x-[${selector.id}]" not found`)
  const byTarget: Record<string, unknown[]> = Object.create(null) as Record<string, unknown[]>
  if (selector.id === undefined) for (const target of targets) byTarget[target] = []
  for (const [target, snap] of entries) (byTarget[target] ??= []).push(JobSnap.encode(snap))
  return ok(byTarget)
}

function mapOf(targets: readonly string[]): unknown {
  const node = (id: string, type: string, flags: number, url: string): unknown => ({
    daemon_id: id,
    daemon_type: type,
    flags,
    public_net: { direct_url: url },
  })
  const proxy = node('p1', 'proxy', 2, 'http://scripted')
  return {
    uuid: 'scripted',
    version: '1',
    proxy_si: proxy,
    pmap: { p1: proxy },
    tmap: Object.fromEntries(targets.map((target) => [target, node(target, 'target', 0, `http://${target}`)])),
  }
}
