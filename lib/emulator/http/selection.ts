import { bucketName, type BucketName } from '../cluster/bucket.ts'
import type { Selection } from '../cluster/bucket-jobs.ts'
import type { Slices } from '../cluster/erasure.ts'

/** The member of a value with the given lower-case name. The case of the key is ignored, as on the server. */
export const member = (value: unknown, name: string): unknown => {
  if (value === null || typeof value !== 'object') return undefined
  return Object.entries(value).find(([key]) => key.toLowerCase() === name)?.[1] as unknown
}

/** The string member of a value; empty if there is none. */
export const textOf = (value: unknown, name: string): string => {
  const found = member(value, name)
  return typeof found === 'string' ? found : ''
}

/** Number of names that a template such as `obj-{0001..1000..2}` expands to. */
export const templateSize = (template: string): number => {
  let size = 1
  for (const [, from = '0', to = '0', step = '1'] of template.matchAll(/\{(\d+)\.\.(\d+)(?:\.\.(\d+))?\}/g)) {
    size *= Math.max(0, Math.floor((Number(to) - Number(from)) / Math.max(1, Number(step))) + 1)
  }
  return size
}

/** The selection in a value. Without names and a template it selects all objects. */
export const selectionOf = (value: unknown): Selection => {
  const listed = member(value, 'objnames')
  const blobBytes = positiveOf(value, 'blob-threshold', 0)
  const blob = blobBytes > 0 ? { blobBytes } : {}
  if (Array.isArray(listed) && listed.length > 0) {
    const names = listed.map(String)
    return { objects: names.length, names, text: `list:[${names.join(' ')}]`, ...blob }
  }
  const template = textOf(value, 'template')
  if (template === '') return { text: '', ...blob }
  // A template without a range is a prefix.
  const objects = template.includes('..') ? { objects: templateSize(template) } : {}
  return { ...objects, template, text: `template:${template}`, ...blob }
}

/** The destination bucket in a value. Defaults to the source bucket. */
export const destinationOf = (value: unknown, from: BucketName): BucketName => namedDestinationOf(value) ?? from

/** The destination bucket in a value, if it names one. */
export const namedDestinationOf = (value: unknown): BucketName | undefined => {
  const to = member(value, 'tobck')
  const namespace = member(to, 'namespace')
  const name = textOf(to, 'name')
  return name === ''
    ? undefined
    : bucketName(name, textOf(to, 'provider'), textOf(namespace, 'uuid'), textOf(namespace, 'name'))
}

/** Maximum number of names that a template expands to. */
const MAX_NAMES = 10_000

/** The names that a template expands to. Numbers are padded to the width of its first number. */
export const templateNames = (template: string): readonly string[] => {
  const [all, from = '', to = '', step = '1'] = /\{(\d+)\.\.(\d+)(?:\.\.(\d+))?\}/.exec(template) ?? []
  if (all === undefined) return [template]
  const names: string[] = []
  for (let i = Number(from); i <= Number(to) && names.length < MAX_NAMES; i += Math.max(1, Number(step))) {
    const one = template.replace(all, String(i).padStart(from.length, '0'))
    names.push(...templateNames(one).slice(0, MAX_NAMES - names.length))
  }
  return names
}

/** The member of a value, if it is a positive integer; otherwise `otherwise`. */
export const positiveOf = (value: unknown, name: string, otherwise: number): number => {
  const found = member(value, name)
  return typeof found === 'number' && Number.isInteger(found) && found > 0 ? found : otherwise
}

/** The slices in a value. The server's default is two data and two parity slices. */
export const slicesOf = (value: unknown): Slices => ({
  data: positiveOf(value, 'data_slices', 2),
  parity: positiveOf(value, 'parity_slices', 2),
})
