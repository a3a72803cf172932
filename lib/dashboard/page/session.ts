import type { PageConfig } from '../config.ts'

/** Why the page cannot start. */
export type Refusal = 'token' | 'wrong' | 'later' | 'server'

/**
 * Exchanges the token in the address for a cookie, and requests the configuration of the page.
 *
 * The token leaves the address at once, so that it stays neither in the history nor in a copied link.
 */
export async function openSession(): Promise<PageConfig | Refusal> {
  try {
    const [, token] = /^#token=([\w-]+)$/.exec(location.hash) ?? []
    if (token !== undefined) {
      history.replaceState(null, '', '#/')
      const { status } = await fetch('/session', { method: 'POST', body: token })
      if (status === 429) return 'later'
      if (status === 401) return 'wrong'
    }
    const response = await fetch('/config.json')
    if (response.status === 401) return 'token'
    return response.ok ? ((await response.json()) as PageConfig) : 'server'
  } catch {
    return 'server'
  }
}

export const REFUSALS: Readonly<Record<Refusal, string>> = {
  token: 'This dashboard needs a token. Open the address that the command printed.',
  wrong: 'This token is wrong, or of another run of the command. Open the address that the command printed.',
  later: 'Too many wrong tokens. Try again in a minute.',
  server: 'The dashboard does not answer. Is the command still running? Reload to try again.',
}
