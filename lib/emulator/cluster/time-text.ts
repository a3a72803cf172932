/** The server's zero time, which means that there is no end time yet. */
export const ZERO_TIME = '0001-01-01T00:00:00Z'

/** Nanoseconds since the Unix epoch as RFC 3339 in UTC, without trailing zeros in the fraction. */
export const timeText = (ns: bigint): string => {
  const second = Number(ns / 1_000_000_000n)
  let fraction = String(ns % 1_000_000_000n).padStart(9, '0')
  let length = 9
  while (length > 0 && fraction.charCodeAt(length - 1) === ZERO) length--
  fraction = fraction.slice(0, length)
  return `${secondText(second)}${fraction === '' ? '' : `.${fraction}`}Z`
}

const ZERO = 48

/** Cache of formatted seconds, because snapshots repeat the same few times. */
const seconds = new Map<number, string>()
const MAX_SECONDS = 1_000

const secondText = (second: number): string => {
  let text = seconds.get(second)
  if (text === undefined) {
    if (seconds.size >= MAX_SECONDS) seconds.clear()
    text = new Date(second * 1_000).toISOString().slice(0, 19)
    seconds.set(second, text)
  }
  return text
}

/** The time of day with microseconds, as the server appends it to the name of a job. */
export const clockText = (ns: bigint): string => {
  const micros = ns / 1_000n
  const seconds = new Date(Number(micros / 1_000_000n) * 1_000).toISOString().slice(11, 19)
  return `${seconds}.${String(micros % 1_000_000n).padStart(6, '0')}`
}
