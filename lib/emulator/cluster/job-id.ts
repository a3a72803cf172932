const INT64_MAX = 9_223_372_036_854_775_807n

/** A rebalance id as the server checks it: one character, whatever it is, and a whole number that fits 64 bits. */
const isNumbered = (id: string): boolean => {
  if (!/^.[+-]?\d+$/s.test(id)) return false
  const number = BigInt(id.slice(1).replace('+', ''))
  return number <= INT64_MAX && number >= -INT64_MAX - 1n
}

/** A job id as the server checks it; a list of ids is one id to each comma. */
export const isValidId = (ids: string): boolean =>
  ids.split(',').every((id) => /^[A-Za-z0-9][A-Za-z0-9_-]{7,30}[A-Za-z0-9]$/.test(id) || isNumbered(id))
