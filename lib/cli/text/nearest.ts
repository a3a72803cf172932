import { editDistance } from '../../common/edit-distance.ts'

/**
 * The known name that is most similar to a mistyped one; undefined if no name is similar.
 *
 * A name of up to three letters may differ in one letter, a longer one in two, and a long one in a third of its letters. A
 * name that begins with the mistyped text is always similar.
 */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  const wanted = wrong.slice(0, 40).toLowerCase()
  const [best] = names
    .map((name) => ({ name, distance: wanted.length > 1 && name.startsWith(wanted) ? 0 : editDistance(wanted, name) }))
    .sort((a, b) => a.distance - b.distance)
  return best !== undefined && best.distance <= Math.max(wanted.length > 3 ? 2 : 1, wanted.length / 3)
    ? best.name
    : undefined
}
