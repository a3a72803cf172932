import type * as shared from './limits.ts'

/**
 * Replaces `limits.ts` in bundles for browsers. A page has few time limits at once, so each of them may have a timer of its
 * own.
 */
export const sharedLimits: typeof shared.sharedLimits = ({ timers }) => timers
