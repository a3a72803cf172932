import * as format from '../../common/format.ts'

/** The text for an unknown value, which is not the same as 0. */
export const UNKNOWN = '–'

/** Formats a value, or returns the text for an unknown one. */
const known =
  (text: (n: number) => string) =>
  (n: number | undefined): string =>
    n === undefined ? UNKNOWN : text(n)

export const bytes = known(format.bytes)

export const count = known(format.count)

/** A rate per second. Below 10, one decimal place distinguishes slow work from none. */
export const rate = known((n) => `${n > 0 && n < 10 ? n.toFixed(1) : format.count(n)}/s`)

export const duration = known(format.duration)

const twoDigits = (n: number): string => String(n).padStart(2, '0')

/** The local date and time: a job may have begun days ago. */
export function dateTime(ms: number): string {
  const date = new Date(ms)
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())} ${format.clock(ms)}`
}

export const percent = (ratio: number): string => `${Math.floor(ratio * 100)} %`
