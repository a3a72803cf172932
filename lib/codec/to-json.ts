/**
 * Copies a value so that `JSON.stringify` takes it: each bigint becomes its decimal string.
 *
 * Our values hold bigints (instants, counters), which `JSON.stringify` refuses; this is the way to a log, a file or a
 * browser. Objects become plain ones, with all their own keys, `__proto__` too. The rest is as `JSON.stringify` has
 * it: `toJSON` is called, a value that contains itself is a TypeError.
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
