import type * as t from 'io-ts'
import { MAX_ERRORS } from './parts.ts'

const MAX_PROBLEMS = 10
const MAX_SHOWN = 80
const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/
const SHOWN = new RegExp(`^.{0,${MAX_SHOWN}}`, 'su')
// What would break the line, or make a terminal do more than print.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * Says what a codec found wrong: at most ten lines, each beginning with the JSON path.
 *
 * Bounded whatever came: values are cut, whole objects are only named, and where there is more, the tenth line says
 * how much. The reporter of io-ts prints a bad value in full: a megabyte in, a megabyte out.
 */
export function problems(errors: t.Errors): readonly string[] {
  if (errors.length <= MAX_PROBLEMS) return errors.map(problem)
  const rest = errors.length - (MAX_PROBLEMS - 1)
  return [
    ...errors.slice(0, MAX_PROBLEMS - 1).map(problem),
    // At the limit the codec stopped reading, so there may be more than it counted.
    `$: ${errors.length < MAX_ERRORS ? '' : 'at least '}${rest} more problems`,
  ]
}

function problem({ value, context, message }: t.ValidationError): string {
  const expected = context.at(-1)?.type.name ?? 'something else'
  return `${pathOf(context)}: expected ${cut(expected)}, got ${show(value)}${message ? ` (${cut(message)})` : ''}`
}

function pathOf(context: t.Context): string {
  return context.slice(1).reduce((path, { key }, index) => path + step(key, context[index]?.actual), '$')
}

function step(key: string, parent: unknown): string {
  if (Array.isArray(parent)) return `[${key}]`
  return IDENTIFIER.test(key) && key.length <= MAX_SHOWN ? `.${key}` : `[${quote(key)}]`
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return cut(String(value))
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

// Of a long text more than is shown, even if all of it is pairs; not all of it, which may be a megabyte.
function quote(text: string): string {
  return cut(JSON.stringify(text.slice(0, 2 * MAX_SHOWN + 1)))
}

// Escaped before it is cut, so that 80 is what is shown; by code points, so that no half of a pair is left over.
function cut(text: string): string {
  const visible = text.slice(0, 4 * MAX_SHOWN).replace(INVISIBLE, escape)
  const short = SHOWN.exec(visible)?.[0] ?? ''
  return short === visible ? visible : `${short}...`
}

function escape(character: string): string {
  return Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('')
}
