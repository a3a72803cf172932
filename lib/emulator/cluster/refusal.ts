/** Why the cluster does not do what was asked. */
export interface Refusal {
  readonly status: number
  readonly message: string
  /** The server's name of the error, where it has one. */
  readonly tcode?: string
  /** The target that refused; absent where a proxy did. */
  readonly target?: string
  /** The path that a target names where it is not the internal one of jobs. */
  readonly path?: string
  /** How long it takes to refuse, in milliseconds. */
  readonly delayMs?: number
}

/** Narrows an outcome to its refusal. */
export const isRefusal = (outcome: object): outcome is Refusal => 'message' in outcome && 'status' in outcome
