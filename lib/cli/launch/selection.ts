import type { ObjectSelection } from '../../launch/objects.ts'
import type { Arguments, Flags } from '../arguments.ts'
import { UsageError } from '../usage-error.ts'

/** The flags that select objects. */
export const OBJECTS: Flags = {
  names: { type: 'string', value: 'A,B', help: 'objects with these names' },
  template: { type: 'string', value: 'TEXT', help: "objects of a range, such as 'img-{000..999}.jpg' (in quotes)" },
  prefix: { type: 'string', value: 'TEXT', help: 'objects whose names begin with this text' },
  all: { type: 'boolean', help: 'every object' },
}

/** The selection in the usage of a verb. */
export const SELECT = '(--names A,B | --template TEXT | --prefix TEXT | --all)'

const CHOICES = '--names A,B, --template TEXT, --prefix TEXT or --all'

/**
 * Reads which objects a command line selects. Undefined if it selects none: the server would then take all objects.
 */
export function selectionOf(args: Arguments): ObjectSelection | undefined {
  const [names, template, prefix] = ['names', 'template', 'prefix'].map((flag) => {
    const text = args.text(flag)
    if (text === '') throw new UsageError(`--${flag} expected a text; to select every object, give --all`)
    return text
  })
  const given: readonly ObjectSelection[] = [
    ...(names === undefined ? [] : [{ names: names.split(',') }]),
    ...(template === undefined ? [] : [{ template }]),
    ...(prefix === undefined ? [] : [{ prefix }]),
    ...(args.has('all') ? ['everything' as const] : []),
  ]
  if (given.length > 1) throw new UsageError(`select objects in one way: ${CHOICES}`)
  return given[0]
}

/** Reads which objects a command line selects. */
export function requiredSelection(args: Arguments): ObjectSelection {
  const selection = selectionOf(args)
  if (selection === undefined) throw new UsageError(`select the objects: ${CHOICES}`)
  return selection
}
