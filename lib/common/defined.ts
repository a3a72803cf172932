type OptionalKeys<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T]

/** The members of `T` that can be undefined are optional, and have a value where they are there. */
export type Defined<T> = { readonly [K in Exclude<keyof T, OptionalKeys<T>>]: T[K] } & {
  readonly [K in OptionalKeys<T>]?: Exclude<T[K], undefined>
}

/**
 * The members that have a value. A result then has no member that is undefined, so it equals the literal that a user
 * compares it with.
 */
export function defined<T extends object>(members: T): Defined<T> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(members)) if (value !== undefined) kept[name] = value
  return kept as Defined<T>
}
