/**
 * Loads a choice of the user, which the browser stores.
 *
 * A browser may refuse its storage (blocked cookies, a full disk); the choice then lasts as long as the page.
 */
export function loadChoice(name: string): string | undefined {
  try {
    return localStorage.getItem(`aistore-rx.${name}`) ?? undefined
  } catch {
    return undefined
  }
}

/** Stores a choice; see {@link loadChoice}. */
export function saveChoice(name: string, value: string): void {
  try {
    localStorage.setItem(`aistore-rx.${name}`, value)
  } catch {
    // The choice then lasts as long as the page.
  }
}
