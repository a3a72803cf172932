import type { Field, LaunchForm } from '../forms.ts'
import { el } from './dom.ts'
import { WAYS, wayOf, type Entered } from './options.ts'

/** The inputs of a launch. */
export interface LaunchInputs {
  readonly elements: readonly HTMLElement[]
  readonly entered: () => Entered
}

type Input = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement

/** Makes the inputs for the fields of a launch. */
export function launchInputs({ fields }: LaunchForm): LaunchInputs {
  const inputs = new Map<string, Input>()
  // The label does not contain the list: screen readers would read all options of the list as its name.
  const row = (label: string, name: string, input: Input): HTMLElement => {
    input.id = `start-field-${name}`
    return el('p', {}, el('label', { for: input.id }, label), ' ', input)
  }
  const elements = fields.flatMap((field): readonly HTMLElement[] => {
    const input = inputFor(field)
    inputs.set(field.name, input)
    if (field.type !== 'objects') return [row(field.label, field.name, input)]
    // Objects have two inputs: how they are selected, and which names or prefix.
    const way = el('select', {}, ...Object.entries(WAYS).map(([value, text]) => el('option', { value }, text)))
    inputs.set(wayOf(field), way)
    const names = row('Which', field.name, input)
    way.addEventListener('change', () => {
      names.hidden = way.value === 'everything'
    })
    return [row(field.label, wayOf(field), way), names]
  })
  return {
    elements,
    entered: () => Object.fromEntries([...inputs].map(([name, input]) => [name, enteredIn(input)])),
  }
}

function enteredIn(input: Input): string {
  if (!isBox(input)) return input.value
  return input.checked ? 'on' : ''
}

const isBox = (input: Input): input is HTMLInputElement =>
  input instanceof HTMLInputElement && input.type === 'checkbox'

function inputFor({ type, placeholder }: Field): HTMLInputElement | HTMLTextAreaElement {
  switch (type) {
    case 'objects':
    case 'links':
      return el('textarea', { rows: '2', placeholder })
    case 'flag':
      return el('input', { type: 'checkbox' })
    case 'number':
      return el('input', { type: 'number', min: '1', placeholder })
    default:
      return el('input', { placeholder, autocomplete: 'off', spellcheck: 'false' })
  }
}
