import { sameBucket, type Bucket } from '../codec/bucket.ts'
import { stringifyJson } from '../codec/json.ts'
import { JobSnap } from '../codec/job-snap.ts'
import { JobStatus } from '../codec/job-status.ts'
import { isAborted, isTerminal } from '../model/snapshot.ts'
import type { HttpRequest, HttpResponse } from '../transport/transport.ts'
import { remembered, snapAt, stopped, type Timeline } from './job-script.ts'

/** One job of a script, as far as it has come. */
export interface ScriptedJob {
  readonly id: string
  readonly kind: string
  /** Whether the Information Center keeps a status of the kind. */
  readonly ic: boolean
  /** The one that the start named, if it was started. */
  bucket: Bucket
  /** By target; undefined until it is started. */
  parts: ReadonlyMap<string, Timeline> | undefined
  readonly onStart: ReadonlyMap<string, Timeline> | undefined
}

/** What a request asks for, of a question's body or an action's value. */
interface Asked {
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

/** What a cluster with these jobs answers at a virtual moment; a start or a stop changes the jobs. */
export function scriptedAnswer(
  jobs: readonly ScriptedJob[],
  targets: readonly string[],
  request: HttpRequest,
  nowMs: number,
): HttpResponse {
  if (request.method === 'PUT') return acted(jobs, request, nowMs)
  const asked = JSON.parse(request.body ?? '{}') as Asked
  const matching = jobs.filter(({ id, kind }) => (asked.id ?? id) === id && (asked.kind ?? kind) === kind)
  const { searchParams } = new URL(request.url)
  switch (searchParams.get('what')) {
    case 'status':
      return statusOf(matching, asked, nowMs)
    case 'status_all': {
      const statuses = matching.flatMap((job) => statusAt(job, nowMs) ?? [])
      // The reason of an end is told on request only (T11).
      const told = searchParams.get('frc') === 'true' ? statuses : statuses.map((one) => ({ ...one, err: '' }))
      return ok(told.length === 0 ? null : told.map((status) => JobStatus.encode(status)))
    }
    case 'qryxstats':
      return snapshotsOf(matching, asked, targets, nowMs)
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

function acted(jobs: readonly ScriptedJob[], request: HttpRequest, nowMs: number): HttpResponse {
  const { action, value } = JSON.parse(request.body ?? '{}') as {
    readonly action: string
    readonly value: { readonly ID?: string; readonly Kind?: string; readonly Bck?: Bucket }
  }
  if (action === 'stop') {
    const { ID: id, Kind: kind, Bck: bck } = value
    for (const job of jobs) {
      const meant =
        id === undefined ? job.kind === kind && (bck === undefined || sameBucket(job.bucket, bck)) : job.id === id
      // A stop of what nobody knows is answered alike, and does nothing (T6).
      if (meant && job.parts !== undefined && snapsAt(job, nowMs).length > 0)
        job.parts = new Map([...job.parts].map(([target, timeline]) => [target, stopped(timeline, nowMs)]))
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

/** What the Information Center would say; nothing of kinds that do not register there. */
function statusAt(job: ScriptedJob, nowMs: number): JobStatus | undefined {
  if (!job.ic || snapsAt(job, nowMs).length === 0) return undefined
  // A target that has forgotten its part, or is gone, has told of it before.
  const parts = [...(job.parts?.values() ?? [])]
  const snaps = parts.flatMap((timeline) => snapAt(job, remembered(timeline), nowMs) ?? [])
  const ends = snaps.flatMap(({ endTime }) => (endTime === undefined ? [] : [endTime]))
  const over = ends.length === parts.length
  return {
    id: job.id,
    kind: job.kind,
    err: over ? (snaps.flatMap(({ abortErr, err }) => [abortErr, err]).find((said) => said !== '') ?? '') : '',
    ...(over ? { endTime: ends.reduce((a, b) => (a > b ? a : b)) } : {}),
    aborted: over && snaps.some(isAborted),
  }
}

function statusOf(matching: readonly ScriptedJob[], asked: Asked, nowMs: number): HttpResponse {
  if (asked.id === undefined && asked.kind === undefined) return refused(400, 'invalid x-')
  const statuses = matching.flatMap((job) => statusAt(job, nowMs) ?? [])
  // By kind, a running one is named if there is one, else the one that ended last (T7).
  const [named] = statuses.sort((a, b) => Number((b.endTime ?? 2n ** 62n) - (a.endTime ?? 2n ** 62n)))
  return named === undefined
    ? refused(404, `x-${asked.kind ?? ''}[${asked.id ?? ''}] does not exist`)
    : ok(JobStatus.encode(named))
}

function snapshotsOf(
  matching: readonly ScriptedJob[],
  asked: Asked,
  targets: readonly string[],
  nowMs: number,
): HttpResponse {
  const shown = matching.flatMap((job) => snapsAt(job, nowMs))
  if (asked.id !== undefined && shown.length === 0) return refused(404, `"x-[${asked.id}]" not found`)
  const byTarget: Record<string, unknown[]> = Object.create(null) as Record<string, unknown[]>
  if (asked.id === undefined) for (const target of targets) byTarget[target] = []
  for (const [target, snap] of shown) (byTarget[target] ??= []).push(JobSnap.encode(snap))
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
