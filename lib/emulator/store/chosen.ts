import { expanded } from './template.ts'
import type { Objects } from './objects.ts'

/** The objects that a request selects: a list of names, a template, a prefix, or everything. */
export interface Choice {
  readonly names?: readonly string[]
  /** A range such as `shard-{0..9}.tar`, or a prefix. */
  readonly template?: string
}

/**
 * The chosen names of a bucket. A list may contain names that do not exist. A range or a prefix chooses only names that
 * exist.
 */
export const chosenOf = (objects: Objects, { names, template = '' }: Choice): readonly string[] => {
  if (names) return names
  const range = expanded(template)
  if (range) return range.filter((name) => objects.get(name))
  const prefix = template.replace(/\*$/, '')
  return objects.names().filter((name) => name.startsWith(prefix))
}
