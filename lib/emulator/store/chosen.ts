import { expanded } from './template.ts'
import type { Objects } from './objects.ts'

/** The objects that a request selects: a list of names, a template, a prefix, or everything. */
export interface Choice {
  readonly names?: readonly string[]
  readonly template?: string
}

/**
 * The names that are chosen of a bucket. Names in a list need not exist; of a range and of a prefix, only those that
 * exist are chosen.
 */
export const chosenOf = (objects: Objects, { names, template = '' }: Choice): readonly string[] => {
  if (names) return names
  const range = expanded(template)
  if (range) return range.filter((name) => objects.get(name))
  const prefix = template.replace(/\*$/, '')
  return objects.names().filter((name) => name.startsWith(prefix))
}
