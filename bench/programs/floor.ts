// The floor: the smallest program that answers waits correctly. Each tick sends one status_all. A Map holds the waiters
// by job id. For each job that has ended according to the list, the floor requests the full status and the snapshots, and decides
// from both. It uses only the transport and the codecs of the library, so it survives no failure.
import { firstValueFrom } from 'rxjs'
import { decode } from '../../lib/codec/decode.ts'
import { JobStatus } from '../../lib/codec/job-status.ts'
import { Snapshots } from '../../lib/codec/snapshots.ts'
import { fetchTransport } from '../../lib/transport/fetch.ts'
import { serveWaits, type JobName } from './serve-waits.ts'

/** How many full statuses may be in flight at once, and how many snapshots. */
const IN_FLIGHT = 16
const HEADERS = { 'content-type': 'application/json', accept: 'application/json' }

/** A decoded reply, in the shape of fp-ts's Either. */
type Decoded<A> = { readonly _tag: 'Left'; readonly left: unknown } | { readonly _tag: 'Right'; readonly right: A }

type Send = <A>(what: string, body: object, read: (text: string) => Decoded<A>) => Promise<A>

interface Row {
  readonly uuid: string
  readonly end_time: number
  readonly aborted: boolean
}

interface Waiter extends JobName {
  readonly onOutcome: (success: boolean) => void
}

/** Sends a query, and decodes its reply. */
function sendTo(endpoint: string): Send {
  const transport = fetchTransport()
  return async (what, body, read) => {
    const url = `${endpoint}/v1/cluster?what=${what}`
    const request = { method: 'GET', url, headers: HEADERS, body: JSON.stringify(body), maxReplyBytes: 2 ** 26 }
    const reply = await firstValueFrom(transport(request))
    const value = read(reply.body)
    if (reply.status !== 200 || value._tag === 'Left') throw new Error(`${what}: ${reply.status} ${reply.body}`)
    return value.right
  }
}

/** Runs `work` as soon as fewer than `limit` are in flight. */
function limited(limit: number): <A>(work: () => Promise<A>) => Promise<A> {
  const queue: (() => void)[] = []
  let free = limit
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => queue.push(resolve))
    try {
      return await work()
    } finally {
      // The slot passes to the next in the queue.
      const next = queue.shift()
      if (next === undefined) free++
      else next()
    }
  }
}

/** JSON.parse rounds the end times, but a list only needs to show whether there is one, and no codec is as fast. */
const listOf = (text: string): Decoded<readonly Row[]> => ({
  _tag: 'Right',
  right: (JSON.parse(text) as readonly Row[] | null) ?? [],
})

/** Whether a job succeeded. Undefined while a target is still running; the next list then leads to another attempt. */
function successOf(status: JobStatus, snapshots: Snapshots): boolean | undefined {
  const snaps = Object.values(snapshots).flat()
  if (status.aborted || snaps.some(({ aborted }) => aborted)) return false
  if (status.endTime === undefined || snaps.some(({ endTime }) => endTime === undefined)) return undefined
  return status.err === '' && snaps.every(({ err }) => err === '')
}

function floor(endpoint: string, cadenceMs: number): (waiter: Waiter) => void {
  const send = sendTo(endpoint)
  const statuses = limited(IN_FLIGHT)
  const snapshots = limited(IN_FLIGHT)
  const waiters = new Map<string, Waiter>()
  let unanswered = 0

  const settle = async (waiter: Waiter): Promise<void> => {
    const { id, kind } = waiter
    const success = successOf(
      ...(await Promise.all([
        statuses(() => send('status', { id, kind }, (text) => decode(JobStatus, text))),
        snapshots(() => send('qryxstats', { id, kind }, (text) => decode(Snapshots, text))),
      ])),
    )
    if (success === undefined) {
      waiters.set(id, waiter)
      return
    }
    unanswered--
    waiter.onOutcome(success)
  }
  const tick = async (): Promise<void> => {
    for (const { uuid, end_time, aborted } of await send('status_all', {}, listOf)) {
      const waiter = end_time !== 0 || aborted ? waiters.get(uuid) : undefined
      if (waiter === undefined) continue
      waiters.delete(uuid)
      void settle(waiter)
    }
    if (unanswered > 0) setTimeout(() => void tick(), cadenceMs)
  }
  setTimeout(() => void tick(), 0)
  return (waiter) => {
    unanswered++
    waiters.set(waiter.id, waiter)
  }
}

serveWaits(({ endpoint, cadenceMs = 250 }) => {
  const add = floor(endpoint, cadenceMs)
  return (job, onOutcome) => add({ ...job, onOutcome })
})
