import type { Redirected } from '../../request/redirects.ts'

/**
 * A browser does not show programs where a redirect leads to, so its transport fails with `ERR_REDIRECT_HIDDEN`, and no reply
 * is a redirect.
 */
export const redirected: Redirected = () => undefined
