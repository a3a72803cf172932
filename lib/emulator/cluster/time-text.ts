/** The server's zero time: "not yet". */
export const ZERO_TIME = '0001-01-01T00:00:00Z'

/** Nanoseconds since the Unix epoch as RFC 3339 in UTC, the zeros at the end of the fraction trimmed. */
export const timeText = (ns: bigint): string => {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1_000).toISOString().slice(0, 19)
  const fraction = String(ns % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}Z`
}

/** The time of the day alone, in microseconds: how the server stamps the name of a job. */
export const clockText = (ns: bigint): string => {
  const micros = ns / 1_000n
  const seconds = new Date(Number(micros / 1_000_000n) * 1_000).toISOString().slice(11, 19)
  return `${seconds}.${String(micros % 1_000_000n).padStart(6, '0')}`
}
