const RANGE = /\{(\d{1,15})\.\.(\d{1,15})(?:\.\.(\d{1,15}))?\}/g

/** How many names a template with bash ranges such as `{000..998..2}` has; undefined if it has no range or an invalid one. */
export function sizeOfRanges(template: string): number | undefined {
  if (/[{}]/.test(template.replaceAll(RANGE, ''))) return undefined
  const sizes = [...template.matchAll(RANGE)].map(([, from = '', to = '', step = '1']) =>
    Number(step) > 0 ? Math.floor((Number(to) - Number(from)) / Number(step)) + 1 : 0,
  )
  return sizes.length > 0 && sizes.every((size) => size > 0)
    ? sizes.reduce((product, size) => product * size, 1)
    : undefined
}
