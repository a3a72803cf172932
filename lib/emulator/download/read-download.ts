import { bucketName, type BucketName } from '../cluster/bucket.ts'
import { findBucket } from '../cluster/create.ts'
import type { Cluster } from '../cluster/state.ts'
import { templateNames, member, textOf } from '../http/selection.ts'
import { isByName, objectsOf } from '../store/of-bucket.ts'
import type { DownloadPlan } from './start-download.ts'

const TYPES = ['single', 'range', 'multi', 'backend'] as const

type File = DownloadPlan['files'][number]

/** A link that does not contain a name for its object. */
export class NoObjectNameError extends Error {}

/** The last part of a link without its query, which is the name of the object. */
const lastPart = (link: string): string => {
  const [path = ''] = link.split('?')
  return path.slice(path.lastIndexOf('/') + 1)
}

const rangeFiles = (value: unknown): readonly File[] => {
  const folder = textOf(value, 'subdir')
  return templateNames(textOf(value, 'template')).map((link) => ({
    name: folder === '' ? lastPart(link) : `${folder}/${lastPart(link)}`,
    link,
  }))
}

const multiFiles = (value: unknown): readonly File[] => {
  const objects = member(value, 'objects')
  if (Array.isArray(objects)) {
    // Two links with the same last part are one file.
    const links = new Map(objects.map((link) => [lastPart(String(link)), String(link)]))
    return [...links].map(([name, link]) => ({ name, link }))
  }
  if (objects === null || typeof objects !== 'object') return []
  return Object.entries(objects).map(([name, link]) => ({ name, link: String(link) }))
}

const singleFile = (value: unknown): File => {
  const link = textOf(value, 'link')
  const name = textOf(value, 'object_name') || lastPart(link)
  if (name === '')
    throw new NoObjectNameError("can not extract a valid 'object_name' from the provided download 'link'")
  return { name, link }
}

/** The most objects of a remote bucket that one download covers. */
const MAX_FILES = 10_000

/** The objects of a remote bucket. If the bucket has too many objects to hold their names, the names are numbers. */
const backendFiles = (cluster: Cluster, bck: BucketName, value: unknown): readonly File[] => {
  const bucket = findBucket(cluster, bck)
  const { objects = 0 } = bucket ?? {}
  const [prefix, suffix] = [textOf(value, 'prefix'), textOf(value, 'suffix')]
  if (bucket && isByName(bucket)) {
    const names = objectsOf(bucket).names()
    const chosen = names.filter((name) => name.startsWith(prefix) && name.endsWith(suffix))
    return chosen.slice(0, MAX_FILES).map((name) => ({ name, link: '' }))
  }
  return Array.from({ length: Math.min(MAX_FILES, objects) }, (_, i) => ({
    name: `${prefix}${String(i + 1).padStart(6, '0')}${suffix}`,
    link: '',
  }))
}

/** The files of a download, by the type of its request. */
const filesOf = (cluster: Cluster, type: DownloadPlan['type'], bck: BucketName, value: unknown): readonly File[] => {
  switch (type) {
    case 'single':
      return [singleFile(value)]
    case 'range':
      return rangeFiles(value)
    case 'multi':
      return multiFiles(value)
    case 'backend':
      return backendFiles(cluster, bck, value)
  }
}

const defaultDescription = ({ type, bck, files }: Omit<DownloadPlan, 'description'>): string =>
  `${type === 'single' ? (files[0]?.link ?? '') : `${type}-download`} -> ${bck.provider}://${bck.name}`

/**
 * Reads a download request. Returns the error message if the request is invalid.
 *
 * @throws NoObjectNameError if a link has no name
 */
export const readDownload = (cluster: Cluster, value: unknown): DownloadPlan | string => {
  const requested = textOf(value, 'type')
  if (requested === '') return "'type' field is empty"
  const type = TYPES.find((known) => known === requested)
  if (!type) return `input does not match any of the supported formats (single, range, multi, backend): ${requested}`
  const bucket = member(value, 'bucket')
  const namespace = member(bucket, 'namespace')
  const bck = bucketName(
    textOf(bucket, 'name'),
    textOf(bucket, 'provider'),
    textOf(namespace, 'uuid'),
    textOf(namespace, 'name'),
  )
  if (bck.name === '') return "'bucket' field is empty"
  const files = filesOf(cluster, type, bck, value)
  const described = textOf(value, 'description')
  const template = textOf(value, 'template')
  const defaultText =
    type === 'range' ? `${template} -> ${bck.provider}://${bck.name}` : defaultDescription({ type, bck, files })
  return { type, bck, files, description: described === '' ? defaultText : described }
}
