import { bucketName, type BucketName } from '../cluster/bucket.ts'
import type { Selection } from '../cluster/bucket-jobs.ts'

/** The member of a value by its name, whatever its case, as the server reads it. */
const member = (value: unknown, name: string): unknown => {
  if (value === null || typeof value !== 'object') return undefined
  return Object.entries(value).find(([key]) => key.toLowerCase() === name)?.[1] as unknown
}

const textOf = (value: unknown, name: string): string => {
  const found = member(value, name)
  return typeof found === 'string' ? found : ''
}

/** How many names a template such as `obj-{0001..1000..2}` stands for. */
export const templateSize = (template: string): number => {
  let size = 1
  for (const [, from = '0', to = '0', step = '1'] of template.matchAll(/\{(\d+)\.\.(\d+)(?:\.\.(\d+))?\}/g)) {
    size *= Math.max(0, Math.floor((Number(to) - Number(from)) / Math.max(1, Number(step))) + 1)
  }
  return size
}

/** The selection in a value; without names and without a template it is everything. */
export const selectionOf = (value: unknown): Selection => {
  const names = member(value, 'objnames')
  if (Array.isArray(names) && names.length > 0) return { objects: names.length, text: `list:${names.length}` }
  const template = textOf(value, 'template')
  if (template === '') return { text: '' }
  // A template without a range is a prefix: how many it meets is unknown here, so it meets all.
  return template.includes('..')
    ? { objects: templateSize(template), text: `template:${template}` }
    : { text: `template:${template}` }
}

/** The bucket that an archive goes to; the one it comes from where none is named. */
export const destinationOf = (value: unknown, from: BucketName): BucketName => {
  const to = member(value, 'tobck')
  const namespace = member(to, 'namespace')
  const name = textOf(to, 'name')
  return name === ''
    ? from
    : bucketName(name, textOf(to, 'provider'), textOf(namespace, 'uuid'), textOf(namespace, 'name'))
}
