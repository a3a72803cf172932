/**
 * Sets a member of a record whose keys may be any text. The record is a plain object, so that it equals a literal under
 * strict comparers, and a key `__proto__` is a member like any other: a plain assignment would change the prototype.
 */
export function setOwn<A>(record: Record<string, A>, key: string, value: A): void {
  if (key === '__proto__')
    Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true })
  else record[key] = value
}
