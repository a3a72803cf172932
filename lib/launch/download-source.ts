import { defined } from '../common/defined.ts'
import { right } from '../common/either.ts'
import { hasControl, show } from '../common/text.ts'
import { refuse, type Check, type Checked } from './fields.ts'
import { sizeOfRanges } from './ranges.ts'

/**
 * The files of a download.
 *
 * `link`: one file; its name is `object`, or else the last part of the link. `links`: several files, as a record of
 * links by the names of their objects, or as a list of links whose last parts are the names. `template`: a link with at
 * least one range, such as `http://h/{000..099}.tar`; the names begin with `subdir` and a slash. `backend`: the objects
 * of the remote bucket itself whose names begin with `prefix` and end in `suffix`; `deleteExtra` evicts objects that
 * the remote bucket no longer has.
 */
export type DownloadSource =
  | { readonly link: string; readonly object?: string | undefined }
  | { readonly links: Readonly<Record<string, string>> | readonly string[] }
  | { readonly template: string; readonly subdir?: string | undefined }
  | {
      readonly backend: true
      readonly prefix?: string | undefined
      readonly suffix?: string | undefined
      readonly deleteExtra?: boolean | undefined
    }

/** The files as the request names them. */
export interface CheckedSource {
  /** The members of the request. */
  readonly value: Readonly<Record<string, unknown>>
  /** Their number, if the request contains it. */
  readonly objects?: number
  readonly isBackend?: true
}

const TAKES =
  'takes { link: "http://h/a" }, { links: ["http://h/a"] }, { template: "http://h/{0..9}" } or { backend: true }'

type Members = Readonly<Record<string, unknown>>

const SOURCES: Readonly<Record<string, { readonly members: readonly string[]; readonly read: Reader }>> = {
  link: { members: ['object'], read: readLink },
  links: { members: [], read: readLinks },
  template: { members: ['subdir'], read: readTemplate },
  backend: { members: ['prefix', 'suffix', 'deleteExtra'], read: readBackend },
}

type Reader = (given: Members) => Checked<CheckedSource>

/** Checks which files to download. */
export const downloadSource: Check<CheckedSource> = (_, given) => {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return refuse('what', `got ${show(given)}; ${TAKES}`)
  const members = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const name = Object.keys(SOURCES).find((source) => source in members)
  const source = name === undefined ? undefined : SOURCES[name]
  if (name === undefined || source === undefined) return refuse('what', `got ${show(given)}; ${TAKES}`)
  const other = Object.keys(members).find((member) => member !== name && !source.members.includes(member))
  return other === undefined ? source.read(members) : refuse(`what.${other}`, `does not go with ${name}; ${TAKES}`)
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && !hasControl(value)

/** The last part of a link without its query: the name that the server gives to the object. */
const lastPart = (link: string): string => {
  const [path = ''] = link.replace(/^[a-z]+:\/\/[^/]*/i, '').split('?')
  return path.slice(path.lastIndexOf('/') + 1)
}

function readLink({ link, object }: Members): Checked<CheckedSource> {
  if (!isText(link)) return refuse('what.link', `got ${show(link)}; takes a link`)
  if (object !== undefined && !isText(object)) return refuse('what.object', `got ${show(object)}; takes a name`)
  if (object === undefined && lastPart(link) === '')
    return refuse('what.link', `got ${show(link)}, whose last part is no name; give the name of the object`)
  return right({
    value: { type: 'single', link, ...defined({ object_name: object }) },
    objects: 1,
  })
}

function readLinks({ links }: Members): Checked<CheckedSource> {
  if (Array.isArray(links)) {
    const list: readonly unknown[] = links
    const wrong = list.find((link) => !isText(link) || lastPart(link) === '')
    if (list.length === 0 || wrong !== undefined)
      return refuse('what.links', `got ${show(wrong ?? links)}; takes links with a name as their last part`)
    const names = (list as readonly string[]).map(lastPart)
    // The server would treat two links with the same last part as one file.
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined)
      return refuse('what.links', `got two links that end in ${show(twice)}; give the names: { a: "http://h/x" }`)
    return right({ value: { type: 'multi', objects: [...list] }, objects: list.length })
  }
  const entries = typeof links === 'object' && links !== null ? Object.entries(links) : []
  const wrong = entries.find(([name, link]) => !isText(name) || !isText(link))
  if (entries.length === 0 || wrong !== undefined)
    return refuse('what.links', `got ${show(wrong?.[1] ?? links)}; takes links by the names of their objects`)
  return right({ value: { type: 'multi', objects: Object.fromEntries(entries) }, objects: entries.length })
}

/** The server refuses a template of more links than this. */
const MOST = 10_000_000

function readTemplate({ template, subdir }: Members): Checked<CheckedSource> {
  const objects = isText(template) ? sizeOfRanges(template) : undefined
  if (objects === undefined)
    return refuse('what.template', `got ${show(template)}; takes a link with a range such as {0..9} or {000..998..2}`)
  if (objects > MOST) return refuse('what.template', `got ${objects} links; takes up to ${MOST}`)
  if (subdir !== undefined && !isText(subdir)) return refuse('what.subdir', `got ${show(subdir)}; takes a name`)
  return right({ value: { type: 'range', template, ...defined({ subdir }) }, objects })
}

function readBackend({ backend, prefix, suffix, deleteExtra }: Members): Checked<CheckedSource> {
  if (backend !== true) return refuse('what.backend', `got ${show(backend)}; takes true`)
  for (const [name, value] of Object.entries({ prefix, suffix }))
    if (value !== undefined && !isText(value)) return refuse(`what.${name}`, `got ${show(value)}; takes a text`)
  if (deleteExtra !== undefined && typeof deleteExtra !== 'boolean')
    return refuse('what.deleteExtra', `got ${show(deleteExtra)}; takes true or false`)
  const value = { type: 'backend', prefix, suffix, synchronize: deleteExtra }
  // JSON.stringify leaves out undefined members.
  return right({ value, isBackend: true })
}
