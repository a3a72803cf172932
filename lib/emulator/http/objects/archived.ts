import { filesIn, writeArchive } from '../../store/archive.ts'
import { objectUri, targetError, type ObjectRequest } from './object-request.ts'
import type { Entry } from '../../store/tar.ts'
import type { StoredObject } from '../../store/stored-object.ts'
import type { Answer } from '../exchange.ts'

/** The name of a file without its directory and its extensions. All files of one WebDataset sample share this name. */
const sampleOf = (name: string): string => name.replace(/^.*\//, '').replace(/\..*$/, '')

/** How a file in an archive is matched, by the mode in the query. */
const MODES: Readonly<Record<string, (name: string, text: string) => boolean>> = {
  regexp: (name, text) => new RegExp(text).test(name),
  prefix: (name, text) => name.startsWith(text),
  suffix: (name, text) => name.endsWith(text),
  substr: (name, text) => name.includes(text),
  wdskey: (name, text) => sampleOf(name) === text,
}

const fileReply = (bytes: Uint8Array, type: string): Answer => ({
  status: 200,
  headers: { 'content-type': type },
  body: '',
  delayMs: 0,
  bytes,
})

/** The reply with a tar archive of the files whose names match. */
const matching = (objectRequest: ObjectRequest, files: readonly Entry[], regx: string): Answer => {
  const mode = objectRequest.query.get('archmode') ?? ''
  const match = MODES[mode === '' ? 'regexp' : mode]
  if (!match) return targetError(objectRequest, 400, `invalid archive matching mode "${mode}"`)
  try {
    const chosen = files.filter(({ name }) => match(name, regx))
    return fileReply(
      writeArchive('.tar', chosen, Number(objectRequest.bucket.createdNs / 1_000_000_000n)),
      'application/x-tar',
    )
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return targetError(objectRequest, 400, `invalid regular expression "${regx}"`)
  }
}

/** Replies with one file of an archive, or with a tar archive of the files that match. */
export const extracted = (objectRequest: ObjectRequest, object: StoredObject): Answer => {
  const files = filesIn(object)
  if (!files) return targetError(objectRequest, 400, `${objectUri(objectRequest)} is not an archive`)
  const regx = objectRequest.query.get('archregx') ?? ''
  if (regx !== '') return matching(objectRequest, files, regx)
  const path = objectRequest.query.get('archpath') ?? ''
  const file = files.find(({ name }) => name === path)
  if (file) return fileReply(file.bytes, 'application/octet-stream')
  return targetError(
    objectRequest,
    404,
    `file "${path}" in archive "${objectUri(objectRequest)}" does not exist`,
    'ErrNotFound',
  )
}
