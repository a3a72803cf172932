import type * as all from '../../request/limits.ts'

/** A page has few time limits at once, so each of them may have a timer of its own. */
export const sharedLimits: typeof all.sharedLimits = ({ timers }) => timers
