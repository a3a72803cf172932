import { UsageError } from './usage-error.ts'

/** Reads the number of an option; undefined if the option is absent. Throws UsageError if the number is not valid. */
export const readNumber = (
  name: string,
  text: string | undefined,
  isValid: (value: number) => boolean,
  expected: string,
): number | undefined => {
  if (text === undefined) return undefined
  const value = text.trim() === '' ? NaN : Number(text)
  if (!isValid(value)) throw new UsageError(`--${name} expected ${expected}, got ${JSON.stringify(text)}`)
  return value
}

/** Whether a number is whole, and within these bounds. */
export const whole =
  (from: number, to: number) =>
  (value: number): boolean =>
    Number.isInteger(value) && value >= from && value <= to
