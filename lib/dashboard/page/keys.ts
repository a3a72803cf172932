import { byId } from './dom.ts'

/** What the single keys do. */
export interface KeyActions {
  readonly back: () => void
  readonly pause: () => void
}

/** Single keys work unless the user types, a dialog is open, or they are switched off. */
export function listenToKeys({ back, pause }: KeyActions): void {
  const help = byId('help') as HTMLDialogElement
  const isOn = byId('keys-on') as HTMLInputElement
  byId('help-open').addEventListener('click', () => help.showModal())
  byId('help-close').addEventListener('click', () => help.close())
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLElement && event.target.matches('input, select, textarea')
    if (event.key === 'Escape' && !isTyping && document.querySelector('dialog[open]') === null) back()
    if (isTyping || !isOn.checked || event.ctrlKey || event.metaKey || event.altKey) return
    if (document.querySelector('dialog[open]') !== null) return
    const act = ACTIONS[event.key]
    if (event.key === 'p') pause()
    else if (event.key === '?') help.showModal()
    else if (act !== undefined) act()
    else return
    event.preventDefault()
  })
}

const ACTIONS: Readonly<Record<string, (() => void) | undefined>> = {
  '/': () => byId('search').focus(),
  j: () => step(1),
  k: () => step(-1),
}

/** Moves the focus to the next job of the table. */
function step(by: number): void {
  const links = [...byId('jobs').querySelectorAll<HTMLAnchorElement>('tbody a')]
  const at = links.indexOf(document.activeElement as HTMLAnchorElement)
  links[at === -1 ? 0 : at + by]?.focus()
}
