/** So long a reply waits for a body that is a bonus. */
export const BONUS_MS = 1_000

/**
 * Whether the body of a reply is only a bonus. The status of a refusal and of a command says nearly all: a token to renew, a
 * time to wait, a redirect, a job that was started. The body of a good reply to a question is the answer itself.
 */
export const isBonus = (method: string, status: number): boolean => method !== 'GET' || status < 200 || status >= 300
