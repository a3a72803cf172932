import { editDistance } from '../../common/edit-distance.ts'

/** The known name that is most similar to a mistyped one; undefined if no name is similar. */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  const wanted = wrong.slice(0, 40).toLowerCase()
  const [best] = names
    .map((name) => ({ name, distance: wanted.length > 1 && name.startsWith(wanted) ? 0 : editDistance(wanted, name) }))
    .sort((a, b) => a.distance - b.distance)
  return best !== undefined && best.distance <= Math.max(wanted.length > 3 ? 2 : 1, wanted.length / 3)
    ? best.name
    : undefined
}
