/** How to write bytes: in units of powers of 1,024 or of 1,000, or as a plain number. */
export type Units = 'iec' | 'si' | 'raw'

const UNITS = {
  iec: { base: 1_024, names: ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] },
  si: { base: 1_000, names: ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] },
} as const

/** Writes a number of bytes in the largest unit in which it is at least 1. */
export function bytes(count: number, units: Units = 'iec'): string {
  if (units === 'raw') return count.toFixed(0)
  const { base, names } = UNITS[units]
  let power = 0
  let rest = count
  while (rest >= base && power < names.length - 1) [power, rest] = [power + 1, rest / base]
  return `${rest.toFixed(power === 0 ? 0 : 1)} ${names[power] ?? 'B'}`
}

/** Writes a number, rounded, with separators of thousands. */
export const count = (n: number): string => Math.round(n).toLocaleString('en-US')

/** A duration for people: its two largest units, such as `12 s`, `3 min 5 s`, `2 h 7 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** The local time of day, such as `09:45:54`. */
export const clock = (ms: number): string => new Date(ms).toTimeString().slice(0, 8)

/** The local date and time of day, such as `2026-11-23 09:45:54`. */
export function dateTime(ms: number): string {
  const at = new Date(ms)
  const [month, day] = [at.getMonth() + 1, at.getDate()].map((n) => String(n).padStart(2, '0'))
  return `${at.getFullYear()}-${month}-${day} ${clock(ms)}`
}
