/**
 * A choice of the user, kept in the browser.
 *
 * A browser may refuse its storage (blocked cookies, a full disk); the choice then lasts as long as the page.
 */
export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(`aistore-rx.${name}`) ?? undefined
  } catch {
    return undefined
  }
}

/** Keeps a choice; see {@link kept}. */
export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`aistore-rx.${name}`, value)
  } catch {
    // The choice then lasts as long as the page.
  }
}
