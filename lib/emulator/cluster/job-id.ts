const INT64_MAX = 9_223_372_036_854_775_807n

/** Whether the server accepts the id as a rebalance id: any one character, then an integer that fits in 64 bits. */
const isNumbered = (id: string): boolean => {
  if (!/^.[+-]?\d+$/s.test(id)) return false
  const number = BigInt(id.slice(1).replace('+', ''))
  return number <= INT64_MAX && number >= -INT64_MAX - 1n
}

/** Whether the server accepts a job id, or each id of a comma-separated list. */
export const isValidId = (ids: string): boolean =>
  ids.split(',').every((id) => /^[A-Za-z0-9][A-Za-z0-9_-]{7,30}[A-Za-z0-9]$/.test(id) || isNumbered(id))
