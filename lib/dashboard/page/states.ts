import type { JobRow } from '../../view/rows.ts'

export type State = JobRow['state']

/** The icon of each state. Icon and word identify the state; the colour is only an aid. */
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

/** The states in the order of the table: jobs that are not over come first. */
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

/** Whether a job in this state may still change. */
export const isOpenState = (state: State): boolean => state === 'running' || state === 'starting' || state === 'idle'
