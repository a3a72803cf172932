import { byId, el } from './dom.ts'

/** Asks the user to confirm. Resolves with whether they did. The focus starts on Cancel. */
export function confirmed(
  question: string,
  facts: readonly (readonly [string, string])[],
  label: string,
): Promise<boolean> {
  const dialog = byId('confirm') as HTMLDialogElement
  const cancel = el('button', { type: 'button', autofocus: '' }, 'Cancel')
  const go = el('button', { type: 'button', class: 'danger' }, label)
  const list = el('dl', {}, ...facts.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]))
  dialog.replaceChildren(el('h2', { id: 'confirm-title' }, question), list, el('div', { class: 'buttons' }, cancel, go))
  return new Promise((resolve) => {
    let isConfirmed = false
    cancel.addEventListener('click', () => dialog.close())
    go.addEventListener('click', () => {
      isConfirmed = true
      dialog.close()
    })
    dialog.addEventListener('close', () => resolve(isConfirmed), { once: true })
    dialog.showModal()
    cancel.focus()
  })
}
