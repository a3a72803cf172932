/** An object from the wire whose members have not been checked. */
export type WireObject = Readonly<Record<string, unknown>>

/** Whether the value is an object and not an array. Any prototype is accepted. */
export function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
