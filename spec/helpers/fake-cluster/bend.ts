import type { Snapshot } from '../../../lib/emulator/cluster/snapshot.ts'
import type { Cluster } from '../../../lib/emulator/cluster/state.ts'
import { snapshotsReply } from '../../../lib/emulator/http/cluster-queries.ts'
import { answer } from '../../../lib/emulator/http/answer.ts'
import type { HttpResponse } from '../../../lib/transport/transport.ts'
import type { Recorded } from '../recorded.ts'
import type { FakeJob } from './job.ts'
import { snapshotsUnknown, ns, snapOf, statusRow } from './replies.ts'

// Replies that are not the truth: the emulator replies, and a script changes what the Information Center or the targets
// show in its reply.

/** The contradictory reports of a script. */
export interface Contradictions {
  /** Jobs about which the cluster contradicts itself, by id. */
  readonly jobs: ReadonlyMap<string, FakeJob>
  /** The ids of the targets that are under maintenance, which the replies leave out. */
  readonly maintained: ReadonlySet<string>
  readonly nowMs: number
}

/** A reply and its latency. */
export interface Timed {
  readonly response: HttpResponse
  readonly delayMs: number
}

/** Whether the cluster contradicts itself about a job. */
export const isBent = ({ ic, ...job }: FakeJob): boolean => ic !== undefined || showsOther(job)

/** Whether the script replaces what targets show of the job. */
const showsOther = ({ counters, shows, hides }: Partial<FakeJob>): boolean =>
  counters !== undefined || shows !== undefined || hides !== undefined

/** The reply of the emulator, with the contradictions of the script. */
export function bent(cluster: Cluster, request: Recorded, node: string, bends: Contradictions): Timed {
  const { what, method, path, query, headers, text: body = '' } = request
  const received = { node, path, query, remote: '10.0.0.9:4711', method, headers, body }
  const { status, headers: replyHeaders, delayMs, body: trueBody } = answer(cluster, received, bends.nowMs)
  const response = { status, headers: replyHeaders, body: trueBody }
  if (status !== 200) return { response, delayMs }
  if (what === 'status' || what === 'statuses')
    return { response: { ...response, body: rows(trueBody, bends) }, delayMs }
  return { response: what === 'snapshots' ? snapshots(response, request, bends, cluster) : response, delayMs }
}

/** A status as the Information Center writes it: as text, because JSON.parse would round its end time. */
const ROW = /\{"kind":"([^"]*)","uuid":"([^"]*)","err":("(?:[^"\\]|\\.)*"),"end_time":(\d+),"aborted":(true|false)\}/g

const NANOS_PER_MS = 1_000_000n

/** The statuses in a body, as the script wants them. */
const rows = (body: string, { jobs, nowMs }: Contradictions): string =>
  jobs.size === 0
    ? body
    : body.replace(ROW, (row, kind: string, id: string, err: string, endNs: string, aborted: string) => {
        const { ic } = jobs.get(id) ?? {}
        if (ic === undefined) return row
        const isListed = body.startsWith('[')
        if (ic.reports !== undefined)
          return statusRow({ id, kind, ...ic.reports(nowMs), ...(isListed ? { err: '' } : {}) })
        // The job runs.
        if (endNs === '0') return row
        const { learnsMs = 0 } = ic
        if (nowMs < learnsMs) return statusRow({ id, kind })
        const endMs = Math.max(Number(BigInt(endNs) - ns(0)) / Number(NANOS_PER_MS), learnsMs)
        const text = ic.err ?? (JSON.parse(err) as string)
        // A list has no errors (T11).
        return statusRow({ id, kind, endMs, aborted: aborted === 'true', err: isListed ? '' : text })
      })

/** The snapshots in a reply, as the script wants them. */
function snapshots(own: HttpResponse, request: Recorded, bends: Contradictions, { targets }: Cluster): HttpResponse {
  const { jobs, maintained, nowMs } = bends
  if (maintained.size === 0 && ![...jobs.values()].some(showsOther)) return own
  const shown = JSON.parse(own.body) as Readonly<Record<string, readonly Snapshot[]>>
  const seen = Object.entries(shown).flatMap(([target, snaps]) => {
    if (maintained.has(target)) return []
    const n = targets.findIndex(({ id }) => id === target)
    const bentSnaps = snaps.flatMap((snap) => bentSnap(snap, jobs.get(snap.id), n, nowMs) ?? [])
    // The reply omits a target that does not know the job.
    return request.id !== undefined && bentSnaps.length === 0 ? [] : [[target, JSON.stringify(bentSnaps)] as const]
  })
  return request.id !== undefined && seen.length === 0 ? snapshotsUnknown : { ...own, body: snapshotsReply(seen).body }
}

/** A snapshot as the script wants it; undefined if the target hides it. */
function bentSnap(snap: Snapshot, job: FakeJob | undefined, target: number, ms: number): Snapshot | undefined {
  if (job === undefined) return snap
  const { shows, hides, counters } = job
  if (hides?.(target, ms) === true) return undefined
  const stats = counters === undefined ? snap.stats : { ...snap.stats, ...statsOf(counters(target, ms)) }
  return { ...(shows === undefined ? snap : snapOf(snap, shows(target, ms))), stats }
}

/** Counters of objects as the wire has them, with 1 KiB for each object. */
const statsOf = (counters: object): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(counters).flatMap(([name, objects]: [string, number]) => [
      [`${name}-objs`, String(objects)],
      [`${name}-bytes`, String(objects * 1_024)],
    ]),
  )
