import { byId } from './dom.ts'
import { keep, kept } from './kept.ts'

/** `auto` follows the settings of the system, also while they change. */
const THEMES = ['auto', 'light', 'dark'] as const
type Theme = (typeof THEMES)[number]

const themeOf = (text: string | undefined): Theme => THEMES.find((theme) => theme === text) ?? 'auto'

/**
 * Lets the user choose between light and dark. `style.css` has the colours of both.
 *
 * @param changed called when the colours have changed, for what does not follow style.css
 */
export function themeSwitch(changed: () => void): void {
  const choice = byId('theme') as HTMLSelectElement
  const use = (theme: Theme): void => {
    choice.value = theme
    document.documentElement.dataset['theme'] = theme
  }
  use(themeOf(kept('theme')))
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed)
  choice.addEventListener('change', () => {
    use(themeOf(choice.value))
    keep('theme', choice.value)
    changed()
  })
}
