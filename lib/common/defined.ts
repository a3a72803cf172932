type OptionalKeys<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T]

/** `T`, in which the members that may be undefined are optional instead. */
export type Defined<T> = { readonly [K in Exclude<keyof T, OptionalKeys<T>>]: T[K] } & {
  readonly [K in OptionalKeys<T>]?: Exclude<T[K], undefined>
}

/**
 * Copies an object without its undefined members: with them, it would not deeply equal a literal that leaves them out.
 */
export function defined<T extends object>(members: T): Defined<T> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(members)) if (value !== undefined) kept[name] = value
  return kept as Defined<T>
}
