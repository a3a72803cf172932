import { getOwn } from './get-own.ts'

/**
 * Whether two values have the same structure. It supports primitives, arrays, and records with or without a prototype.
 *
 * An absent member equals an undefined one. Anything that is not plain data (a Date, a Map, a function) equals only itself.
 */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]))
  return isRecord(a) && isRecord(b) && keysOf(a, b).every((key) => same(getOwn(a, key), getOwn(b, key)))
}

type Plain = Readonly<Record<string, unknown>>

function isRecord(value: unknown): value is Plain {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // Also accepts the plain objects of another realm, which has its own `Object`.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const keysOf = (a: Plain, b: Plain): readonly string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])]
