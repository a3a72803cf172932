import type { JobStatus } from './job-status.ts'

const JOB = /^nl-([^[\s]+)\[([^\]\s]+)\]/
const END = /-(\d\d):(\d\d):(\d\d)\.(\d{6})-/

/**
 * The status in the message of a refusal; undefined if the message holds none.
 *
 * Servers before AIStore 3.22 refuse the status of a job that has errors, unless it was aborted, and write it into the
 * message. While the job runs: `nl-KIND[ID]...: ERROR`; after its end: `nl-KIND[ID]...-HH:MM:SS.MICROS-ERROR: ERROR`.
 *
 * @param wallMs the time of the reply by the wall clock
 */
export function statusInRefusal(message: string, wallMs: number): JobStatus | undefined {
  const [head, kind, id] = JOB.exec(message) ?? []
  if (head === undefined || kind === undefined || id === undefined) return undefined
  const rest = message.slice(head.length)
  const end = END.exec(rest)
  const twice = end === null ? undefined : rest.slice(end.index + end[0].length)
  const err = twice?.slice(0, Math.max(0, twice.length / 2 - 1))
  if (end !== null && err !== undefined && twice === `${err}: ${err}`)
    return { id, kind, err, endTime: lastAt(end, wallMs), aborted: false }
  const colon = rest.indexOf(': ')
  return colon < 0 ? undefined : { id, kind, err: rest.slice(colon + 2), aborted: false }
}

const MINUTE_NS = 60_000_000_000n
const QUARTER_NS = 15n * MINUTE_NS

/**
 * When a job ended, from a time of day without a date and in the time zone of the proxy. The server forgets a status a few
 * minutes after the end, and time zones differ by quarters of an hour, so it is the last such time within a quarter of an
 * hour. The clock of the client may be a minute behind.
 */
function lastAt([, , minute, second, micros]: RegExpExecArray, wallMs: number): bigint {
  const latest = BigInt(Math.floor(wallMs)) * 1_000_000n + MINUTE_NS
  const inHour = BigInt(Number(minute) * 60 + Number(second)) * 1_000_000_000n + BigInt(Number(micros)) * 1_000n
  const sinceNs = (((latest - inHour) % QUARTER_NS) + QUARTER_NS) % QUARTER_NS
  return latest - sinceNs
}
