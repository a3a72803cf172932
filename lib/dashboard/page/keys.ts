import { byId } from './dom.ts'
import { loadChoice, saveChoice } from './kept.ts'

/** What the single keys do. */
export interface KeyActions {
  /** Leaves the page of a job. */
  readonly back: () => void
  /** Pauses the page, or continues it. */
  readonly pause: () => void
  /** Moves the focus by a number of jobs. */
  readonly step: (by: number) => void
}

/** Single keys work unless the user types, a dialog is open, or they are switched off. */
export function listenToKeys({ back, pause, step }: KeyActions): void {
  const help = byId('help') as HTMLDialogElement
  const isOn = byId('keys-on') as HTMLInputElement
  isOn.checked = loadChoice('keys') !== 'off'
  isOn.addEventListener('change', () => saveChoice('keys', isOn.checked ? 'on' : 'off'))
  byId('help-open').addEventListener('click', () => help.showModal())
  byId('help-close').addEventListener('click', () => help.close())
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLElement && event.target.matches('input, select, textarea')
    if (event.key === 'Escape' && !isTyping && document.querySelector('dialog[open]') === null) back()
    if (isTyping || !isOn.checked || event.ctrlKey || event.metaKey || event.altKey) return
    if (document.querySelector('dialog[open]') !== null) return
    const isInTable = event.target instanceof Node && byId('jobs').contains(event.target)
    if (event.key === 'p') pause()
    else if (event.key === '?') help.showModal()
    else if (event.key === '/') byId('search').focus()
    else if (event.key === 's') byId('sort').focus()
    else if (event.key === 'e') byId('log').focus()
    else if (event.key === 'j' || (isInTable && event.key === 'ArrowDown')) step(1)
    else if (event.key === 'k' || (isInTable && event.key === 'ArrowUp')) step(-1)
    else return
    event.preventDefault()
  })
}
