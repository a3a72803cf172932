import { toJson } from '../codec/to-json.ts'
import { defined } from '../common/defined.ts'
import { escape, jsonLine } from './text/escape.ts'
import type { Ending } from './ending.ts'
import type { Io } from './io.ts'

/** Writes the output of a verb: data on stdout, notes and errors on stderr. */
export interface Printer {
  readonly isJson: boolean
  readonly isQuiet: boolean
  /** Lines of data for people. Nothing with `--json`. The texts of servers in them are escaped already. */
  lines(...lines: readonly string[]): void
  /** An object for programs. Nothing without `--json`. */
  record(type: string, members: object): void
  /** A line on stderr that a script need not read. Nothing with `--quiet`. */
  note(text: string): void
  /** The last line: on stderr why the command failed, and with `--json` how it ended. */
  end(ending: Ending): void
}

/** Creates the printer of a command: as JSON lines or as text for people. */
export function printerOf(
  { stdout, stderr, stop }: Pick<Io, 'stdout' | 'stderr' | 'stop'>,
  { isJson, isQuiet }: { readonly isJson: boolean; readonly isQuiet: boolean },
): Printer {
  const out = (line: string): void => {
    // After a failed write, further ones would fail, too.
    if (stop.reason !== 'EPIPE' && stop.reason !== 'output') stdout.write(`${line}\n`)
  }
  const error = (text: string): void => void stderr.write(`aistore-rx: ${escape(text)}\n`)
  const record = (type: string, members: object): void => {
    if (isJson) out(jsonLine({ v: 1, type, at: new Date().toISOString(), ...(toJson(members) as object) }))
  }
  return {
    isJson,
    isQuiet,
    record,
    lines: (...lines) => {
      if (!isJson) lines.forEach(out)
    },
    note: (text) => {
      if (!isQuiet) error(text)
    },
    end: ({ code, message, error: tag }) => {
      if (message !== undefined) error(message)
      record('end', { terminal: true, code, ...defined({ message, error: tag }) })
    },
  }
}
