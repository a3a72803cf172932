import type { Units } from '../../common/format.ts'
import { show } from '../../common/text.ts'
import type { Arguments, Flags } from '../arguments.ts'
import { hasColour, type Io } from '../io.ts'
import { UsageError } from '../usage-error.ts'

export const DATE_TIME: Flags = { 'date-time': { type: 'boolean', help: 'times with their date' } }

/** The flags that change how a table of jobs looks. */
export const LOOK: Flags = {
  units: { type: 'string', value: 'iec|si|raw', help: 'bytes in KiB, MiB ... (iec), in kB, MB ..., or plain' },
  ...DATE_TIME,
}

/** How a table of jobs looks. */
export interface Look {
  readonly isColoured: boolean
  readonly units: Units
  /** Whether times have their date. */
  readonly hasDate: boolean
}

/** Reads the flags that set how jobs are shown: colours, units and times. */
export const lookOf = (args: Arguments, { stdout, env }: Pick<Io, 'stdout' | 'env'>): Look => ({
  isColoured: !args.has('no-color') && hasColour(stdout, env),
  units: unitsOf(args.text('units') ?? 'iec'),
  hasDate: args.has('date-time'),
})

function unitsOf(text: string): Units {
  if (text === 'iec' || text === 'si' || text === 'raw') return text
  throw new UsageError(`--units expected iec, si or raw, got ${show(text)}`)
}
