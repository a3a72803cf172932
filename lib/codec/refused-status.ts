import type { JobStatus } from './job-status.ts'

const JOB = /^nl-([^[\s]+)\[([^\]\s]+)\]/
const END = /-(\d\d):(\d\d):(\d\d)\.(\d{6})-/

/**
 * The status in the message of a refusal. Undefined if the message contains no status.
 *
 * Servers before AIStore 3.22 refuse a request for the status of a job that has errors, unless the job was aborted. They
 * write the status into the message of the refusal: `nl-KIND[ID]...: ERROR` while the job runs, and
 * `nl-KIND[ID]...-HH:MM:SS.MICROS-ERROR: ERROR` after its end.
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

const MINUTE_US = 60_000_000

/**
 * When a job ended, derived from a time of day without a date, in the unknown time zone of the proxy. Time zones differ by
 * multiples of a quarter of an hour, and the server forgets a status a few minutes after the end. So the end is the latest
 * time with these minutes, modulo a quarter of an hour. The clock of the client may be a minute behind.
 */
function lastAt([, , minute, second, micros]: RegExpExecArray, wallMs: number): bigint {
  const latestUs = Math.floor(wallMs) * 1_000 + MINUTE_US
  const inHourUs = Number(minute) * MINUTE_US + Number(second) * 1_000_000 + Number(micros)
  return BigInt(latestUs - ((latestUs - inHourUs) % (15 * MINUTE_US))) * 1_000n
}
