import { bucketName, type BucketName } from '../cluster/bucket.ts'
import type { Selection } from '../cluster/bucket-jobs.ts'

/** The member of a value by its name, whatever its case, as the server reads it. */
export const member = (value: unknown, name: string): unknown => {
  if (value === null || typeof value !== 'object') return undefined
  return Object.entries(value).find(([key]) => key.toLowerCase() === name)?.[1] as unknown
}

/** A text of a value; empty where there is none. */
export const textOf = (value: unknown, name: string): string => {
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

/** More names than this a template is not written out to. */
const MOST_NAMES = 10_000

/** The names that a template stands for, the numbers as wide as its first one. */
export const templateNames = (template: string): readonly string[] => {
  const [all, from = '', to = '', step = '1'] = /\{(\d+)\.\.(\d+)(?:\.\.(\d+))?\}/.exec(template) ?? []
  if (all === undefined) return [template]
  const names: string[] = []
  for (let i = Number(from); i <= Number(to) && names.length < MOST_NAMES; i += Math.max(1, Number(step))) {
    const one = template.replace(all, String(i).padStart(from.length, '0'))
    names.push(...templateNames(one).slice(0, MOST_NAMES - names.length))
  }
  return names
}
