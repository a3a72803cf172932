import { readdirSync } from 'node:fs'

/** Recorded exchanges to which the emulator replies differently, by scenario and sequence number, with the reason. */
export const notServed: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  dsort: {
    1: 'the recorded server was built with dsort; the emulator behaves like the server of features-not-built',
    2: 'same as 1',
    3: 'same as 1',
    6: 'same as 1',
  },
}

/** The names of all recordings. */
export const recordings: readonly string[] = readdirSync(new URL('../fixtures/captures', import.meta.url))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace(/\.json$/, ''))
