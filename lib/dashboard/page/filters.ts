import type { Address } from './address.ts'
import { matches } from './chosen.ts'
import { byId, el, setAttribute, setText } from './dom.ts'
import { kindName } from './kind-name.ts'
import type { Shown } from './shown.ts'
import { ICONS, STATES, isOpenState } from './states.ts'

/** The search, the states and the kinds above the table. */
export interface FiltersView {
  readonly show: (jobs: ReadonlyMap<string, Shown>, address: Address) => void
}

/** The labels of filters that are not the name of a state. */
const LABELS: Readonly<Record<string, string>> = { '': 'All', open: 'Not over' }

/** Fills the filters of index.html. */
export function filtersView(change: (part: Partial<Address>) => void): FiltersView {
  const search = byId('search') as HTMLInputElement
  const kinds = byId('kind') as HTMLSelectElement
  search.addEventListener('input', () => change({ search: search.value }))
  kinds.addEventListener('change', () => change({ kind: kinds.value }))
  const chips = ['', 'open', ...STATES.filter((state) => state !== 'starting')].map((state) => {
    const label = LABELS[state] ?? state
    const number = el('span', { class: 'count' })
    const icon = el('span', { 'aria-hidden': 'true' }, state in ICONS ? `${ICONS[state as keyof typeof ICONS]} ` : '')
    const chip = el(
      'button',
      { type: 'button', class: 'chip', onclick: () => change({ state }) },
      icon,
      label,
      ' ',
      number,
    )
    byId('chips').append(chip)
    return { state, chip, number }
  })
  let drawnKinds: string | undefined
  return {
    show: (jobs, address) => {
      if (search.value !== address.search) search.value = address.search
      const all = [...jobs.values()]
      const names = [
        ...new Set([...all.map(({ kind }) => kind), ...(address.kind === '' ? [] : [address.kind])]),
      ].sort()
      if (drawnKinds !== names.join('\n')) {
        drawnKinds = names.join('\n')
        kinds.replaceChildren(
          el('option', { value: '' }, 'All kinds'),
          ...names.map((name) => el('option', { value: name }, kindName(name))),
        )
      }
      if (kinds.value !== address.kind) kinds.value = address.kind
      const others = all.filter((job) => matches({ ...address, state: '' }, job))
      for (const { state, chip, number } of chips) {
        const n = others.filter(
          (job) => state === '' || job.state === state || (state === 'open' && isOpenState(job.state)),
        ).length
        setText(number, String(n))
        setAttribute(chip, 'aria-pressed', String(address.state === state))
        chip.hidden = n === 0 && address.state !== state && state !== '' && state !== 'open'
      }
    },
  }
}
