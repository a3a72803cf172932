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

function copy(value: unknown, parents: readonly object[]): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (parents.includes(value)) throw new TypeError('toJson: the value contains itself')
  const within = [...parents, value]
  if (hasToJson(value)) return copy(value.toJSON(), within)
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

function hasToJson(value: object): value is { toJSON: () => unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}
