/** How Go words a call that failed: of a proxy to a target, or of a target to another one. */
const FAILED_CALL = /\b(?:Get|Head|Post|Put|Patch|Delete) "https?:\/\//

/**
 * Whether a refusal says that one node of the cluster could not reach another (T27). Most of them have the code `ErrFailedTo`;
 * the download API passes Go's own error on, whose code is `Error`.
 */
export const isUnreachable = ({
  code,
  message,
}: {
  readonly code?: string | undefined
  readonly message: string
}): boolean => code === 'ErrFailedTo' || FAILED_CALL.test(message)
