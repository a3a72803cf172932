/**
 * Copies a value so that `JSON.stringify` accepts it: each bigint becomes its decimal string.
 *
 * Instants and counters are bigints, which `JSON.stringify` refuses. Use this function to write a value to a log, a
 * file or a browser. Objects become plain objects with all their own keys, including `__proto__`. Everything else is as
 * in `JSON.stringify`: it calls `toJSON`, and throws a TypeError if a value contains itself.
 *
 * @example
 * import { toJson } from 'aistore-rx'
 *
 * console.log(JSON.stringify(toJson({ id: 'g3', endTime: 1795427154572988356n })))
 * // {"id":"g3","endTime":"1795427154572988356"}
 */
export function toJson(value: unknown): unknown {
  return copy(value, [])
}

function copy(given: unknown, parents: readonly object[]): unknown {
  const value = jsonOf(given)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (parents.includes(value)) throw new TypeError('toJson: the value contains itself')
  const within = [...parents, value]
  if (Array.isArray(value)) return value.map((item) => copy(item, within))
  const plain: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value))
    // An assignment to __proto__ would change the prototype and lose the key.
    Object.defineProperty(plain, key, {
      value: copy(member, within),
      writable: true,
      enumerable: true,
      configurable: true,
    })
  return plain
}

/** What a value says that JSON has of it, as a Date does; otherwise the value itself. */
export const jsonOf = (value: unknown): unknown => (hasToJson(value) ? value.toJSON() : value)

const hasToJson = (value: unknown): value is { toJSON: () => unknown } =>
  typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function'
