import { kinds } from '../../lib/emulator/cluster/kind.ts'
import type { PlannedUser } from './plan.ts'

export type Goal = 'end' | 'idle' | 'started' | 'not-running'

export const idlesOf = (kind: string | undefined): boolean => kinds.get(kind ?? '')?.idles === true

/** What a user waits for, in the words of the contract. */
export const goalOf = ({ type }: PlannedUser, kind: string | undefined): Goal => {
  if (type === 'waitForIdle') return 'idle'
  if (type === 'waitStarted') return 'started'
  if (type === 'waitNotRunning') return 'not-running'
  return type === 'wait' && idlesOf(kind) ? 'idle' : 'end'
}
