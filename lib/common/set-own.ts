/**
 * Sets a member of a record whose keys may be any text. A plain assignment to `__proto__` would change the prototype; here
 * it is a member like any other. A record without a prototype would need no care, but would not strictly equal a literal.
 */
export function setOwn<A>(record: Record<string, A>, key: string, value: A): void {
  if (key === '__proto__')
    Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true })
  else record[key] = value
}
