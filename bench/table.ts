import type { Figure, Row, Spread } from './figures.ts'

/** A number with at least three digits. */
const digits = (value: number): string =>
  Math.abs(value) >= 100 || Number.isInteger(value)
    ? Math.round(value).toLocaleString('en')
    : value.toPrecision(Math.abs(value) < 0.01 ? 2 : 3)

/** The median, and the smallest and largest value. */
const withSpread = ({ median, min, max }: Spread): string =>
  min === max ? digits(median) : `${digits(median)} (${digits(min)}..${digits(max)})`

/** A goal below one is easier to read as a fraction. */
const goalText = (atMost: number): string =>
  atMost > 0 && atMost < 1 && Number.isInteger(Math.round(1e6 / atMost) / 1e6)
    ? `<= 1/${Math.round(1 / atMost)}`
    : `<= ${digits(atMost)}`

const verdictText = (reached: boolean | undefined): string => {
  if (reached === undefined) return ''
  return reached ? 'holds' : 'does NOT hold'
}

/** One row of the table. */
const cells = ({ name, unit, ours, theirs, ratio, atMost, reached }: Figure): readonly string[] => [
  unit === '' ? name : `${name}, ${unit}`,
  withSpread(ours),
  theirs === undefined ? '' : withSpread(theirs),
  ratio === undefined ? '' : withSpread(ratio),
  atMost === undefined ? '' : goalText(atMost),
  verdictText(reached),
]

const HEAD = ['', 'ours', 'against', 'ratio', 'must be', '']

/** A row of the bench as lines of text. */
export const tableOf = ({ title, against, figures, missing, note }: Row): string => {
  const lines = [HEAD, ...figures.map(cells)]
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  const text = lines.map((line) =>
    `  ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  )
  return [
    `${title} | against: ${against}`,
    ...(figures.length === 0 ? [] : text),
    ...(missing === undefined ? [] : [`  ! ${missing}`]),
    ...(note === undefined ? [] : [`  (${note})`]),
    '',
  ].join('\n')
}
