import { byId } from './dom.ts'
import { loadChoice, saveChoice } from './kept.ts'

/** `auto` follows the settings of the system, also while they change. */
const THEMES = ['auto', 'light', 'dark'] as const
type Theme = (typeof THEMES)[number]

const themeOf = (text: string | undefined): Theme => THEMES.find((theme) => theme === text) ?? 'auto'

/**
 * Lets the user choose between light and dark. `style.css` has the colours of both.
 *
 * @param changed called when the colours have changed, for drawings that do not follow style.css
 */
export function themeSwitch(changed: () => void): void {
  const choice = byId('theme') as HTMLSelectElement
  const use = (theme: Theme): void => {
    choice.value = theme
    document.documentElement.dataset['theme'] = theme
  }
  use(themeOf(loadChoice('theme')))
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed)
  choice.addEventListener('change', () => {
    use(themeOf(choice.value))
    saveChoice('theme', choice.value)
    changed()
  })
}
