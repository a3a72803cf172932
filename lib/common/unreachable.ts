/** The beginning of Go's error for a failed request: from a proxy to a target, or from one target to another. */
const FAILED_CALL = /\b(?:Get|Head|Post|Put|Patch|Delete) "https?:\/\//

/**
 * Whether a refusal says that one node of the cluster could not reach another (protocol T27). Most such refusals have
 * the code `ErrFailedTo`. The download API passes on Go's own error, with the code `Error`.
 */
export const isUnreachable = ({
  code,
  message,
}: {
  readonly code?: string | undefined
  readonly message: string
}): boolean => code === 'ErrFailedTo' || FAILED_CALL.test(message)
