import { filesIn } from './archive.ts'
import type { Objects } from './objects.ts'
import type { StoredObject } from './stored-object.ts'

/** What a page lists: an object, a file in an archive, or a directory. */
export interface Listed {
  readonly name: string
  readonly size: number
  /** `archived`: a file in an archive. */
  readonly type: 'object' | 'archive' | 'archived' | 'directory'
  /** The object, or the archive that contains the file; absent for directories. */
  readonly object?: StoredObject
}

/** Which objects a page lists. */
export interface Filter {
  readonly prefix: string
  /** The page begins after this name. */
  readonly after: string
  /** Maximum number of entries. */
  readonly size: number
  /** True: only objects that the cluster holds; false: only objects that it does not hold; absent: both. */
  readonly present?: boolean
  /** Lists the files in archives, too. */
  readonly inArchives?: boolean
  /** Lists directories instead of the objects in them. */
  readonly flat?: boolean
}

/** The index of the first name after `name`. */
const indexAfter = (names: readonly string[], name: string): number => {
  let low = 0
  let high = names.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((names[middle] ?? '') <= name) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The index of the first object that can have an entry after `after`. It is 0 if files in archives are listed, because
 * `after` may then be the name of a file in an archive.
 */
const startAt = (objects: Objects, { after, prefix, inArchives }: Filter): number => {
  const names = objects.names()
  const from = after < prefix && inArchives !== true ? indexAfter(names, prefix.slice(0, -1)) : indexAfter(names, after)
  return inArchives === true ? 0 : from
}

/** What a page lists for an object: the object, its directory or, for an archive, also the files in it. */
const entriesOf = (object: StoredObject, { prefix, inArchives, flat }: Filter): readonly Listed[] => {
  const { name, size } = object
  const slash = flat === true ? name.indexOf('/', prefix.length) : -1
  if (slash !== -1) return [{ name: name.slice(0, slash + 1), size: 0, type: 'directory' }]
  const files = inArchives === true ? filesIn(object) : undefined
  if (!files) return [{ name, size, type: 'object', object }]
  const inside = files.map((file): Listed => ({
    name: `${name}/${file.name}`,
    size: file.bytes.length,
    type: 'archived',
    object,
  }))
  return [{ name, size, type: 'archive', object }, ...inside.sort((a, b) => (a.name < b.name ? -1 : 1))]
}

/** The entries of a page, in the order of names. */
export const pageOf = (objects: Objects, filter: Filter): readonly Listed[] => {
  const { after, prefix, present, size } = filter
  const names = objects.names()
  const page: Listed[] = []
  for (let i = startAt(objects, filter); i < names.length && page.length < size; i++) {
    const name = names[i] ?? ''
    if (!name.startsWith(prefix) && !(filter.inArchives === true && prefix.startsWith(`${name}/`))) {
      if (name > prefix && filter.inArchives !== true) break
      continue
    }
    const object = objects.get(name)
    if (!object || (present !== undefined && object.present !== present)) continue
    for (const entry of entriesOf(object, filter)) {
      const isNew = entry.name > after && entry.name !== page.at(-1)?.name
      if (isNew && entry.name.startsWith(prefix) && page.length < size) page.push(entry)
    }
  }
  return page
}
