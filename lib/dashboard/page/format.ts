const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** What stands for an unknown value. It is never 0. */
export const UNKNOWN = '–'

/** A number of bytes in the largest binary unit of which there is at least one. */
export function bytes(count: number | undefined): string {
  if (count === undefined) return UNKNOWN
  const power = count < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(count) / 10))
  return `${(count / 2 ** (10 * power)).toFixed(power === 0 ? 0 : 1)} ${UNITS[power] ?? 'B'}`
}

export const count = (n: number | undefined): string =>
  n === undefined ? UNKNOWN : Math.round(n).toLocaleString('en-US')

/** A rate per second. Below 10, one decimal place tells slow work from no work. */
export const rate = (n: number | undefined): string =>
  n === undefined ? UNKNOWN : `${n > 0 && n < 10 ? n.toFixed(1) : count(n)}/s`

/** A duration in its two largest units. */
export function duration(ms: number | undefined): string {
  if (ms === undefined) return UNKNOWN
  const seconds = Math.max(0, Math.round(ms / 1000))
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600), Math.floor(seconds / 60)]
  if (days > 0) return `${days} d ${hours % 24} h`
  if (hours > 0) return `${hours} h ${minutes % 60} min`
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`
}

const two = (n: number): string => String(n).padStart(2, '0')

/** The local time of day. */
export function clock(ms: number): string {
  const date = new Date(ms)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** The local date and time: a job may have begun days ago. */
export function dateTime(ms: number): string {
  const date = new Date(ms)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(ms)}`
}

export const percent = (ratio: number): string => `${Math.floor(ratio * 100)} %`
