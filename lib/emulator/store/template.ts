/** A template expands to at most this many names, so that a typing error does not exhaust the memory. */
const MOST_NAMES = 1_000_000

/** A range in a template, such as `{001..100..2}`. */
const RANGE = /\{(\d+)\.\.(\d+)(?:\.\.(\d+))?\}/

/** The names that a template expands to; undefined if it has no range, so that it is a prefix. */
export const expanded = (template: string): readonly string[] | undefined => {
  const match = RANGE.exec(template)
  if (!match) return undefined
  const [all, from = '', to = '', step = '1'] = match
  const before = template.slice(0, match.index)
  const after = template.slice(match.index + all.length)
  const endings = expanded(after) ?? [after]
  const names: string[] = []
  for (let i = Number(from); i <= Number(to); i += Math.max(1, Number(step))) {
    for (const ending of endings) {
      if (names.length >= MOST_NAMES) return names
      names.push(`${before}${String(i).padStart(from.length, '0')}${ending}`)
    }
  }
  return names
}
