/**
 * Whether two values are the same by structure: bigints, NaN, arrays, and records with or without a prototype.
 *
 * An optional member that is absent equals one that is undefined; what is no plain data (a Date, a Map, a function)
 * equals itself only.
 */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]))
  return isRecord(a) && isRecord(b) && keysOf(a, b).every((key) => same(own(a, key), own(b, key)))
}

type Plain = Readonly<Record<string, unknown>>

function isRecord(value: unknown): value is Plain {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // Of another realm too, whose Object is not ours.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const keysOf = (a: Plain, b: Plain): readonly string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])]

// A record may have a member of any name: what `__proto__` or `toString` inherit is none of it.
const own = (record: Plain, key: string): unknown => (Object.hasOwn(record, key) ? record[key] : undefined)
