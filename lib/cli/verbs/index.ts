import type { Verb } from '../verb.ts'
import { demo } from './demo.ts'
import { events } from './events.ts'
import { health } from './health.ts'
import { kinds } from './kinds.ts'
import { LAUNCHES } from './launches.ts'
import { show } from './show.ts'
import { startVerb } from './start.ts'
import { stop } from './stop.ts'
import { waitVerb } from './wait.ts'
import { watch } from './watch.ts'

/** The verbs of the command, in the order of its help. */
export const VERBS: readonly Verb[] = [show, watch, events, waitVerb, startVerb, ...LAUNCHES, stop, health, kinds, demo]
