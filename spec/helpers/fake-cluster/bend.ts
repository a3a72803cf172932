import type { Cluster } from '../../../lib/emulator/cluster/state.ts'
import { answer } from '../../../lib/emulator/http/answer.ts'
import type { HttpRequest, HttpResponse } from '../../../lib/transport/transport.ts'
import type { FakeJob } from './job.ts'

/** What a reply is bent by. */
export interface Bends {
  readonly jobs: readonly FakeJob[]
  readonly maintained: ReadonlySet<string>
  readonly nowMs: number
}

/** A reply, and how long the cluster takes for it. */
export interface Reply {
  readonly response: HttpResponse
  readonly delayMs: number
}

/** What the emulator answers, with the contradictions of the script. */
export function bent(
  cluster: Cluster,
  { url, method, headers, body = '' }: HttpRequest,
  node: string,
  bends: Bends,
): Reply {
  const { pathname: path, search } = new URL(url)
  const asked = { node, path, query: search.slice(1), remote: '10.0.0.9:4711', method, headers, body }
  const said = answer(cluster, asked, bends.nowMs)
  const { status, delayMs } = said
  const text =
    status !== 200 || method !== 'GET'
      ? said.body
      : search.startsWith('?what=status')
        ? rows(said.body, bends)
        : search.startsWith('?what=qryxstats')
          ? snapshots(said.body, bends, cluster)
          : said.body
  return { response: { status, headers: said.headers, body: text }, delayMs }
}

/** A status as the Information Center writes it: as text, for its end is a number that JSON.parse would round. */
const ROW = /\{"kind":"([^"]*)","uuid":"([^"]*)","err":("(?:[^"\\]|\\.)*"),"end_time":(\d+),"aborted":(true|false)\}/g

const rows = (body: string, { jobs, nowMs }: Bends): string =>
  body.replace(ROW, (row, kind: string, id: string, err: string, end: string, aborted: string) => {
    const { ic } = jobs.find((job) => job.id === id) ?? {}
    if (ic === undefined || end === '0') return row
    const { hearsMs = 0 } = ic
    if (nowMs < hearsMs) return `{"kind":"${kind}","uuid":"${id}","err":"","end_time":0,"aborted":false}`
    // A list tells no errors (T11).
    const text = body.startsWith('[') || ic.err === undefined ? err : JSON.stringify(ic.err)
    const heard = BigInt(end) > BigInt(hearsMs) * 1_000_000n ? end : `${hearsMs}000000`
    return `{"kind":"${kind}","uuid":"${id}","err":${text},"end_time":${heard},"aborted":${aborted}}`
  })

interface Shown {
  readonly id: string
  readonly stats: Readonly<Record<string, string>>
}

function snapshots(body: string, { jobs, maintained, nowMs }: Bends, { targets }: Cluster): string {
  if (maintained.size === 0 && jobs.every(({ counters }) => counters === undefined)) return body
  const shown = JSON.parse(body) as Readonly<Record<string, readonly Shown[]>>
  const kept = Object.entries(shown).filter(([target]) => !maintained.has(target))
  const counted = kept.map(([target, snaps]) => [
    target,
    snaps.map((snap) => {
      const counters = jobs.find(({ id }) => id === snap.id)?.counters
      const n = targets.findIndex(({ id }) => id === target)
      return counters === undefined ? snap : { ...snap, stats: { ...snap.stats, ...statsOf(counters(n, nowMs)) } }
    }),
  ])
  return JSON.stringify(Object.fromEntries(counted))
}

const statsOf = (counters: object): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(counters).flatMap(([name, objects]: [string, number]) => [
      [`${name}-objs`, String(objects)],
      [`${name}-bytes`, String(objects * 1_024)],
    ]),
  )
