import { sizeOfRanges } from '../../launch/ranges.ts'
import { parseBucket } from '../../model/bucket-text.ts'
import type { Field, LaunchForm } from '../forms.ts'

/** What the user has filled in: a text by the name of its field. The text of a set flag is `on`. */
export type Entered = Readonly<Record<string, string | undefined>>

/** The ways to select objects. */
export const WAYS = {
  prefix: 'whose names begin with',
  names: 'with these names (one a line)',
  template: 'of a range, such as shard-{000..099}.tar',
  everything: 'every object',
} as const

const lines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** The key in {@link Entered} of the way to select the objects of a field. */
export const wayOf = ({ name }: Field): string => `${name}-way`

function objectsOf(way: string | undefined, text: string): unknown {
  if (way === 'everything') return 'everything'
  if (way === 'names') return { names: lines(text) }
  return way === 'template' ? { template: text } : { prefix: text }
}

function linksOf(text: string): unknown {
  const links = lines(text)
  const [link = ''] = links
  if (links.length !== 1) return { links }
  return sizeOfRanges(link) === undefined ? { link } : { template: link }
}

/** The option that a field stands for; undefined if it is absent. */
function optionOf(field: Field, text: string, entered: Entered): unknown {
  switch (field.type) {
    case 'objects':
      return objectsOf(entered[wayOf(field)], text)
    case 'flag':
      return text === 'on' ? true : undefined
    case 'bucket':
      return text === '' ? undefined : (parseBucket(text) ?? text)
    case 'number':
      return text === '' ? undefined : Number(text)
    case 'prefix':
      return text === '' ? undefined : { prefix: text }
    case 'links':
      return linksOf(text)
    case 'text':
      return text === '' ? undefined : text
  }
}

/** The options of a launch. The server checks them. */
export function optionsOf({ fields }: LaunchForm, entered: Entered): Readonly<Record<string, unknown>> {
  const options = fields.map((field) => [field.name, optionOf(field, (entered[field.name] ?? '').trim(), entered)])
  return Object.fromEntries(options.filter(([, value]) => value !== undefined)) as Record<string, unknown>
}

/** The facts that the user confirms. */
export const factsOf = ({ fields }: LaunchForm, entered: Entered): readonly (readonly [string, string])[] =>
  fields.flatMap((field): readonly (readonly [string, string])[] => {
    const text = (entered[field.name] ?? '').trim()
    if (field.type === 'flag') return text === 'on' ? [[field.label, 'yes']] : []
    if (field.type !== 'objects') return text === '' ? [] : [[field.label, text]]
    const way = entered[wayOf(field)] as keyof typeof WAYS
    return [[field.label, way === 'everything' ? WAYS.everything : `${WAYS[way]} ${text}`]]
  })

/** The label of the first required field that is empty. */
export const missingIn = ({ fields }: LaunchForm, entered: Entered): string | undefined =>
  fields.find(
    (field) =>
      field.optional !== true &&
      field.type !== 'flag' &&
      (entered[field.name] ?? '').trim() === '' &&
      !(field.type === 'objects' && entered[wayOf(field)] === 'everything'),
  )?.label
