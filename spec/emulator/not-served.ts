import { readdirSync } from 'node:fs'

/** Exchanges of the recordings that the emulator does not answer as recorded, by scenario and number, and why not. */
export const notServed: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  dsort: {
    1: 'a server built with the tag dsort; the emulator is one without, as the one of features-not-built',
    2: 'the same',
    3: 'the same',
    6: 'the same',
  },
  'blob-download': {
    26: 'objects are counted, not kept: there is no name that would be missing',
    27: 'an error of the other cluster, which holds the remote bucket; here there is only one cluster',
  },
}

/** All recordings there are. */
export const recordings: readonly string[] = readdirSync(new URL('../fixtures/captures', import.meta.url))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace(/\.json$/, ''))
