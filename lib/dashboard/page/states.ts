import type { JobRow } from '../../view/rows.ts'

export type State = JobRow['state']

/** The icon of each state. Icon and word are the state; the colour only helps. */
export const ICONS: Readonly<Record<State, string>> = {
  starting: '▷',
  running: '▶',
  idle: '‖',
  ended: '◇',
  finished: '✓',
  failed: '✕',
  aborted: '■',
  lost: '?',
}

/** The states in the order of the table: what still runs comes first. */
export const STATES: readonly State[] = [
  'running',
  'starting',
  'idle',
  'failed',
  'aborted',
  'lost',
  'finished',
  'ended',
]

export const isOpenState = (state: State): boolean => state === 'running' || state === 'starting' || state === 'idle'
