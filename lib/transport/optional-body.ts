/** How long the transport waits for an optional body before it emits the reply without it. */
export const OPTIONAL_BODY_MS = 1_000

/**
 * Whether the body of a reply is optional. It is not optional in the good reply to a query, where it is the answer. In a
 * refusal, and in the reply to a command, status and headers say nearly everything. They say, for example, that the token
 * must be renewed, how long to wait, or that a command has succeeded.
 */
export const isBodyOptional = (method: string, status: number): boolean =>
  method !== 'GET' || status < 200 || status >= 300
