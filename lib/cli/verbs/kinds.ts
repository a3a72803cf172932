import { defined } from '../../common/defined.ts'
import type { KindInfo } from '../../model/kind.ts'
import { KINDS } from '../../model/kinds.ts'
import { refuseWords } from '../arguments.ts'
import { DONE } from '../ending.ts'
import { columnsOf } from '../io.ts'
import { verbOfKind } from '../launch/verb-of-kind.ts'
import { layout, type Column } from '../text/table.ts'
import type { Verb } from '../verb.ts'

const COLUMNS: readonly Column<KindInfo>[] = [
  { title: 'NAME', cell: ({ kind, displayName = kind }) => displayName },
  { title: 'KIND', cell: ({ kind }) => kind, drop: 4 },
  { title: 'SCOPE', cell: ({ scope }) => scope, drop: 3 },
  { title: 'STARTABLE', cell: ({ startable }) => (startable === true ? 'yes' : 'no'), drop: 2 },
  { title: 'NOTE', cell: noteOf, drop: 1, least: 16 },
]

function noteOf({ kind, advice, idles }: KindInfo): string {
  const verb = verbOfKind(kind)
  return [
    verb === undefined ? advice : `use \`aistore-rx ${verb}\``,
    idles === true ? 'a wait ends when it is idle' : undefined,
  ]
    .filter(Boolean)
    .join('; ')
}

/** Prints the table of kinds. It needs no cluster. */
export const kinds: Verb = {
  name: 'kinds',
  summary: 'list the kinds of jobs; needs no cluster',
  usage: '',
  isOffline: true,
  flags: { startable: { type: 'boolean', help: 'only kinds that `start` can start' } },
  examples: ['aistore-rx kinds --startable'],
  codes: [0],
  run: async ({ args, printer, io }) => {
    refuseWords(args)
    const shown = KINDS.filter(({ startable = false }) => startable || !args.has('startable'))
    printer.lines(...layout(COLUMNS, shown, columnsOf(io.stdout, io.env), !args.has('no-headers')))
    for (const { kind, displayName, scope, startable = false, idles = false, advice } of shown)
      printer.record('kind', {
        ...{ name: displayName ?? kind, kind, scope, startable, idles },
        ...defined({ note: advice, verb: verbOfKind(kind) }),
      })
    return Promise.resolve(DONE)
  },
}
