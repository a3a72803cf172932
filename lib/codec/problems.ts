import type * as t from 'io-ts'
import { show, visible } from '../common/text.ts'
import { MAX_ERRORS } from './parts.ts'

const MAX_PROBLEMS = 10
const MAX_SHOWN = 80
const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/

/**
 * Describes the errors of a codec: at most ten lines, each beginning with the JSON path.
 *
 * The size is bounded: values are cut, objects are not printed, and if there are more errors, the tenth line counts
 * them. The reporter of io-ts prints an invalid value in full, even if it is a megabyte long.
 */
export function problems(errors: t.Errors): readonly string[] {
  if (errors.length <= MAX_PROBLEMS) return errors.map(problem)
  const rest = errors.length - (MAX_PROBLEMS - 1)
  return [
    ...errors.slice(0, MAX_PROBLEMS - 1).map(problem),
    // The codec stops at `MAX_ERRORS`, so there may be more errors.
    `$: ${errors.length < MAX_ERRORS ? '' : 'at least '}${rest} more problems`,
  ]
}

function problem({ value, context, message }: t.ValidationError): string {
  const expected = context.at(-1)?.type.name ?? 'something else'
  return `${pathOf(context)}: expected ${cut(expected)}, got ${valueText(value)}${message ? ` (${cut(message)})` : ''}`
}

function pathOf(context: t.Context): string {
  return context.slice(1).reduce((path, { key }, index) => path + step(key, context[index]?.actual), '$')
}

function step(key: string, parent: unknown): string {
  if (Array.isArray(parent)) return `[${key}]`
  return IDENTIFIER.test(key) && key.length <= MAX_SHOWN ? `.${key}` : `[${quote(key)}]`
}

function valueText(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return quote(value)
  return Array.isArray(value) ? `an array of ${value.length}` : show(value)
}

// Slices first, since the text may be a megabyte long. Keeps enough for the cut even if all characters are surrogate
// pairs.
function quote(text: string): string {
  return cut(JSON.stringify(text.slice(0, 2 * MAX_SHOWN + 1)))
}

// Escapes before it cuts, so that 80 visible characters remain. Cuts by code points, so that no surrogate pair is
// split.
function cut(text: string): string {
  const characters = Array.from(visible(text.slice(0, 4 * MAX_SHOWN)))
  return `${characters.slice(0, MAX_SHOWN).join('')}${characters.length > MAX_SHOWN ? '...' : ''}`
}
