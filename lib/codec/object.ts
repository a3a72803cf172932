/** An object of the wire, before anything is known of its members. */
export type WireObject = Readonly<Record<string, unknown>>

/** An object that is no array, of whatever prototype. */
export function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
