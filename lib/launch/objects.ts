import { defined } from '../common/defined.ts'
import { isLeft, right } from '../common/either.ts'
import { hasControl, show } from '../common/text.ts'
import type { Total } from './launched.ts'
import { fitting, refuse, unfit, type Check, type Checked, type Values } from './fields.ts'
import { sizeOfRanges } from './ranges.ts'

/**
 * The objects that a job works on. There is no default: for the server, an empty selection means every object (protocol
 * T13).
 *
 * `names` are the exact names. `template` has at least one range, such as `shard-{0000..0999}.tar` (with a step:
 * `{0..98..2}`), and names that do not exist are skipped silently. `prefix` is the beginning of names: it is text, not
 * a folder, so `logs` also selects `logs_backup/a`.
 */
export type ObjectSelection =
  { readonly names: readonly string[] } | { readonly template: string } | { readonly prefix: string } | 'everything'

/** A selection of objects that was checked. */
export interface CheckedSelection {
  /** The members of the request's `value` that select the objects. */
  readonly value: Values
  /** Whether a prefix selects the objects. */
  readonly byPrefix: boolean
  /** The maximum number of objects, if the selection determines it. */
  readonly expected?: Total
}

const TAKES = '{ names: ["a"] }, { template: "a{0..9}" }, { prefix: "a/" } or "everything", which must be written out'

/** Checks a selection of objects. */
export const objects: Check<CheckedSelection> = (argument, given) => {
  if (given === 'everything') return right({ value: { template: '' }, byPrefix: true })
  const [key, ...others] = typeof given === 'object' && given !== null ? Object.keys(given) : []
  const { names, template, prefix } = (key === undefined ? {} : given) as Readonly<Record<string, unknown>>
  if (key === undefined || others.length > 0) return unfit(argument, given, TAKES)
  if (key === 'names') return namesOf(argument, names)
  if (key === 'template') return templateOf(argument, template)
  if (key === 'prefix') return prefixOf(argument, prefix)
  return refuse(argument, `got the member ${show(key)}; takes ${TAKES}`)
}

function namesOf(argument: string, names: unknown): Checked<CheckedSelection> {
  const list: readonly unknown[] = Array.isArray(names) ? names : []
  if (list.length === 0) return refuse(`${argument}.names`, `got ${show(names)} without a name; takes ${TAKES}`)
  const invalid = list.findIndex((name) => !isObjectName(name))
  if (invalid >= 0) return unfit(`${argument}.names`, list[invalid], TAKES_NAME)
  return right({
    value: { objnames: [...list] },
    byPrefix: false,
    expected: { objects: new Set(list).size, atMost: true },
  })
}

const TAKES_NAME = 'the name of an object: not empty, without ~/ at its start, / at its end, and the parts . and ..'

/** Whether the server accepts the name of an object. */
const isObjectName = (name: unknown): name is string =>
  typeof name === 'string' &&
  name !== '' &&
  !hasControl(name) &&
  !/^~\/|\/$/.test(name) &&
  name.split('/').every((part) => part !== '.' && part !== '..')

/** Accepts the name of an object. */
export const objectName: Check<string> = (argument, given) =>
  fitting(argument, given, isObjectName(given) ? given : undefined, TAKES_NAME)

/**
 * How many names a template expands to. Undefined if it is invalid; Infinity if it has a range of a form other than
 * bash's.
 */
const sizeOfTemplate = (template: string): number | undefined =>
  sizeOfRanges(template) ?? (/^[^{}]*(?:@\d+|%\d*d)[^{}]*$/.test(template) ? Infinity : undefined)

function templateOf(argument: string, template: unknown): Checked<CheckedSelection> {
  const size = typeof template === 'string' && !hasControl(template) ? sizeOfTemplate(template) : undefined
  // The server answers a wrong template of an archive with 200, and then aborts the job that others share.
  const takes =
    'a text with a range such as {0..9}, {000..998..2}, @9 or %03d (to select by the beginning of names, use { prefix })'
  if (size === undefined) return unfit(`${argument}.template`, template, takes)
  const isCountable = size <= Number.MAX_SAFE_INTEGER
  const expected = isCountable ? { objects: size, atMost: true as const } : undefined
  return right({ value: { template }, byPrefix: false, ...defined({ expected }) })
}

function prefixOf(argument: string, prefix: unknown): Checked<CheckedSelection> {
  const checked = wirePrefix(`${argument}.prefix`, prefix)
  return isLeft(checked) ? checked : right({ value: { template: checked.right }, byPrefix: true })
}

/** Checks a prefix that is sent as a template. The server must not read it as a template. */
const wirePrefix: Check<string> = (argument, prefix) => {
  const plain = plainPrefix(argument, prefix)
  if (isLeft(plain)) return plain
  return isTemplate(plain.right)
    ? refuse(argument, `got ${show(prefix)}, which the server reads as a template; takes no @, %, {...} and final *`)
    : plain
}

/** Whether the server reads a text as a template. */
const isTemplate = (text: string): boolean =>
  /[@%]/.test(text) || text.endsWith('*') || (text.includes('{') && text.lastIndexOf('}') > text.indexOf('{'))

/** Checks a prefix that is sent as a prefix. The server refuses `~/` at its start and the parts `.` and `..`. */
export const plainPrefix: Check<string> = (argument, prefix) =>
  fitting(
    argument,
    prefix,
    typeof prefix === 'string' && prefix !== '' && !hasControl(prefix) && !/^~\/|(?:^|\/)\.\.?\//.test(prefix)
      ? prefix
      : undefined,
    'the beginning of names; write "everything" if you mean that',
  )
