import { bucketName } from '../cluster/bucket.ts'
import type { DownloadPlan } from '../cluster/download.ts'
import { templateNames, member, textOf } from './selection.ts'

const TYPES = ['single', 'range', 'multi', 'backend'] as const

type File = DownloadPlan['files'][number]

const lastPart = (link: string): string => link.slice(link.lastIndexOf('/') + 1)

const rangeFiles = (value: unknown): readonly File[] => {
  const folder = textOf(value, 'subdir')
  return templateNames(textOf(value, 'template')).map((link) => ({
    name: folder === '' ? lastPart(link) : `${folder}/${lastPart(link)}`,
    link,
  }))
}

const multiFiles = (value: unknown): readonly File[] => {
  const objects = member(value, 'objects')
  if (Array.isArray(objects)) return objects.map((link) => ({ name: lastPart(String(link)), link: String(link) }))
  if (objects === null || typeof objects !== 'object') return []
  return Object.entries(objects).map(([name, link]) => ({ name, link: String(link) }))
}

const singleFile = (value: unknown): File => {
  const link = textOf(value, 'link')
  return { name: textOf(value, 'object_name') || lastPart(link), link }
}

const filesOf = (type: DownloadPlan['type'], value: unknown): readonly File[] => {
  switch (type) {
    case 'single':
      return [singleFile(value)]
    case 'range':
      return rangeFiles(value)
    case 'multi':
      return multiFiles(value)
    case 'backend':
      return []
  }
}

const defaultDescription = ({ type, bck, files }: Omit<DownloadPlan, 'description'>): string =>
  `${type === 'single' ? (files[0]?.link ?? '') : `${type}-download`} -> ${bck.provider}://${bck.name}`

/** Reads a download request. Returns the error message if the request is invalid. */
export const readDownload = (value: unknown): DownloadPlan | string => {
  const requested = textOf(value, 'type')
  if (requested === '') return "'type' field is empty"
  const type = TYPES.find((known) => known === requested)
  if (!type) return `input does not match any of the supported formats (single, range, multi, backend): ${requested}`
  const bucket = member(value, 'bucket')
  const bck = bucketName(textOf(bucket, 'name'), textOf(bucket, 'provider'))
  if (bck.name === '') return "'bucket' field is empty"
  const files = filesOf(type, value)
  const described = textOf(value, 'description')
  const template = textOf(value, 'template')
  const otherwise =
    type === 'range' ? `${template} -> ${bck.provider}://${bck.name}` : defaultDescription({ type, bck, files })
  return { type, bck, files, description: described === '' ? otherwise : described }
}
