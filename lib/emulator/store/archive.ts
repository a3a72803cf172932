import { gunzipSync, gzipSync } from 'node:zlib'
import { joined } from './parts.ts'
import { contentOf, type StoredObject } from './stored-object.ts'
import { readTar, writeTar, type Entry } from './tar.ts'
import { readZip, writeZip } from './zip.ts'

/**
 * The formats of archives that the emulator reads and writes. The server also knows `.tar.lz4`, for which Node has no codec.
 * The emulator refuses it in the way in which the server refuses an unknown ending.
 */
export type Format = '.tar' | '.tgz' | '.zip'

/** The format of an archive by the end of its name, or by the given type. */
export const formatOf = (name: string, type = ''): Format | undefined => {
  const [, ending] = /(\.tar\.gz|\.tgz|\.tar|\.zip)$/.exec(name) ?? /^(\.?(?:tar\.gz|tgz|tar|zip))$/.exec(type) ?? []
  if (ending === undefined) return undefined
  if (ending.endsWith('gz')) return '.tgz'
  return ending.endsWith('zip') ? '.zip' : '.tar'
}

/** An archive of the files. */
export const writeArchive = (format: Format, entries: readonly Entry[], seconds: number): Uint8Array => {
  if (format === '.zip') return joined(writeZip(entries))
  const tar = joined(writeTar(entries, seconds))
  return format === '.tgz' ? gzipSync(tar) : tar
}

/** Cache of the files in archives, because listings read the same archive for each page. */
const known = new WeakMap<Uint8Array, readonly Entry[]>()

const read = (format: Format, content: Uint8Array): readonly Entry[] => {
  try {
    if (format === '.zip') return readZip(content)
    return readTar(format === '.tgz' ? gunzipSync(content) : content)
  } catch {
    // Its name says that it is an archive, but its content is not one.
    return []
  }
}

/** The files in an object whose name ends like the name of an archive; undefined for other objects. */
export const filesIn = (object: StoredObject): readonly Entry[] | undefined => {
  const format = formatOf(object.name)
  if (!format) return undefined
  const content = contentOf(object)
  const before = known.get(content)
  if (before) return before
  const entries = read(format, content)
  if (typeof object.content !== 'string') known.set(content, entries)
  return entries
}
