import type { Flags } from './arguments.ts'
import { EXIT, EXIT_TEXT } from './exit-code.ts'
import { pad } from './text/width.ts'
import type { Page } from './verb.ts'

/** The width of the names of verbs. */
const VERB = 14

/** The help of the whole command. */
export const help = (verbs: readonly Pick<Page, 'name' | 'summary'>[]): string =>
  [
    'aistore-rx: jobs of an AIStore cluster, live',
    '',
    ...verbs.map(({ name, summary }) => `  ${pad(name, VERB)}${summary}`),
    `  ${pad('emulator', VERB)}run an emulated cluster until interrupted`,
    `  ${pad('dashboard', VERB)}serve a page with the jobs of a cluster until interrupted`,
    '',
    'The cluster is that of AIS_ENDPOINT, AIS_AUTHN_TOKEN, AIS_AUTHN_TOKEN_FILE, AIS_CLIENT_CA, AIS_CRT, AIS_CRT_KEY,',
    'as `ais` and its SDK name them, or of flags. `aistore-rx VERB --help` shows the flags, an example and the exit codes.',
    '',
    '  npx aistore-rx emulator &     # a cluster to try it on',
    '  AIS_ENDPOINT=http://127.0.0.1:8080 npx aistore-rx watch',
    '',
  ].join('\n')

/** The help of one verb. */
export function helpOf({ name, summary, usage, details, flags, examples, codes, meanings = {} }: Page): string {
  const hasDurations = Object.values(flags).some(({ value }) => value === 'DURATION')
  return [
    `aistore-rx ${name}: ${summary}`,
    '',
    `usage: aistore-rx ${[name, usage].filter(Boolean).join(' ')} [flags]`,
    ...(details === undefined ? [] : ['', details]),
    '',
    ...flagLines(flags),
    '',
    ...(hasDurations ? ['Durations: 500ms, 3s, 2m, 1h; 10 is ten seconds.', ''] : []),
    'example:',
    ...examples.map((example) => `  ${example}`),
    '',
    'exit codes:',
    ...codesOf(codes).map((code) => `  ${pad(String(code), 4)} ${meanings[code] ?? EXIT_TEXT[code] ?? ''}`),
    '',
  ].join('\n')
}

const codesOf = (codes: readonly number[]): readonly number[] => [...codes, EXIT.usage].sort((a, b) => a - b)

const flagLines = (flags: Flags): readonly string[] =>
  Object.entries(flags).map(([name, { short, value, help: text }]) => {
    const flag = `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
    return `  ${pad(flag, 30)}  ${text}`
  })
