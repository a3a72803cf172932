import { jsonLine } from './text/escape.ts'

/** The first line of a verb that runs a server: the address, or with `--json` an object with it. */
export const listeningLine = (url: string, isJson: boolean): string =>
  `${isJson ? jsonLine({ v: 1, type: 'listening', at: new Date().toISOString(), url }) : url}\n`
