/** Why the cluster refuses a request. */
export interface Refusal {
  readonly status: number
  readonly message: string
  /** The server's name of the error, if it has one. */
  readonly tcode?: string
  /** The target that refused; absent if a proxy did. */
  readonly target?: string
  /** The URL path in the error. Defaults to the path of the request or, for a target, to the internal path of jobs. */
  readonly path?: string
  /** Delay of the refusal in milliseconds. Defaults to 0. */
  readonly delayMs?: number
}

/** Whether the outcome is a refusal. */
export const isRefusal = (outcome: object): outcome is Refusal => 'message' in outcome && 'status' in outcome
