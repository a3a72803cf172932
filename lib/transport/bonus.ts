/** How long a reply waits for an optional body. */
export const BONUS_MS = 1_000

/**
 * Whether the body of a reply is optional. The status and headers of a refusal, or of the reply to a command, hold nearly
 * everything: a token to renew, a time to wait, a redirect, a started job. The body of a good reply to a query is the answer.
 */
export const isBonus = (method: string, status: number): boolean => method !== 'GET' || status < 200 || status >= 300
