import { kinds } from '../../lib/emulator/cluster/kind.ts'
import { isDownloadType } from './downloads.ts'
import type { PlannedUser } from './plan.ts'

// What each user of the simulation waits for.

export type Goal = 'end' | 'idle' | 'started' | 'not-running'

/** Whether jobs of a kind idle. */
export const idlesOf = (kind: string | undefined): boolean => kinds.get(kind ?? '')?.idles === true

/** The goal of a user, in the terms of the documentation. */
export const goalOf = ({ type }: PlannedUser, kind: string | undefined): Goal => {
  // A download never idles.
  if (type === 'waitForIdle' && kind !== undefined && isDownloadType(kind)) return 'end'
  if (type === 'waitForIdle') return 'idle'
  if (type === 'waitStarted') return 'started'
  if (type === 'waitNotRunning') return 'not-running'
  return type === 'wait' && idlesOf(kind) ? 'idle' : 'end'
}
