import { el } from './dom.ts'
import { ICONS, type State } from './states.ts'

/** A state as icon, word and colour. A screen reader reads the word only. */
export interface StateMark {
  readonly element: HTMLElement
  readonly show: (state: State) => void
}

/** Creates the mark of a state. */
export function stateMark(): StateMark {
  const icon = el('span', { class: 'icon', 'aria-hidden': 'true' })
  const word = el('span')
  const element = el('span', { class: 'state' }, icon, ' ', word)
  let shown: State | undefined
  return {
    element,
    show: (state) => {
      if (state === shown) return
      shown = state
      icon.textContent = ICONS[state]
      word.textContent = state
      element.className = `state ${state}`
    },
  }
}
