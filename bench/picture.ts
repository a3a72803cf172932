// Draws docs/waiters.svg from bench/results.json: requests and delay by number of waiters, ours and the peer's.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Figure } from './figures.ts'

interface Series {
  readonly name: string
  readonly color: string
  readonly points: readonly (readonly [waiters: number, value: number])[]
}

interface Chart {
  readonly title: string
  readonly unit: string
  readonly series: readonly Series[]
}

const pathInProject = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))
const { rows } = JSON.parse(readFileSync(pathInProject('bench/results.json'), 'utf8')) as {
  readonly rows: Readonly<Partial<Record<string, { readonly figures: readonly Figure[] }>>>
}
const figure = (row: string, name: string): Figure | undefined => rows[row]?.figures.find((one) => one.name === name)

const OURS = '#2f81f7'
const PEERS = '#db6d28'
const INK = '#7d8590'

/** The figures of one name for 10, 100, 1,000 and 10,000 waits. */
const chartOf = (title: string, unit: string, name: string): Chart => {
  const few = [10, 100].map((count) => [count, figure('waiters', `${name} of ${count}`)] as const)
  const measured = [...few, [1_000, figure('waits', name)] as const]
  const points = (
    side: 'ours' | 'theirs',
    more: readonly (readonly [number, Figure | undefined])[],
  ): Series['points'] =>
    more.flatMap(([count, one]) => (one?.[side] === undefined ? [] : [[count, one[side].median] as const]))
  return {
    title,
    unit,
    series: [
      { name: 'Python SDK', color: PEERS, points: points('theirs', measured) },
      {
        name: 'aistore-rx',
        color: OURS,
        points: points('ours', [...measured, [10_000, figure('many-waits', name)] as const]),
      },
    ],
  }
}

const WIDTH = 340
const HEIGHT = 250
const BOX = { left: 52, right: 20, top: 44, bottom: 40 }
const WAITERS = [10, 100, 1_000, 10_000]

const shortNumber = (value: number): string => {
  if (value >= 1e6) return `${value / 1e6}M`
  return value >= 1e3 ? `${value / 1e3}k` : String(value)
}
const roundedNumber = (value: number): string =>
  value >= 10_000 ? `${Math.round(value / 1000)}k` : Math.round(value).toLocaleString('en')
const coordinate = (value: number): string => String(Math.round(value * 10) / 10)
const svgText = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${coordinate(x)}" y="${coordinate(y)}" ${more}>${words}</text>`

/** One chart with two logarithmic axes, drawn from `left` on. */
const drawnChart = ({ title, unit, series }: Chart, left: number): string => {
  const values = series.flatMap(({ points }) => points.map(([, value]) => value))
  const from = Math.floor(Math.log10(Math.min(...values)))
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...values))))
  const plot = { width: WIDTH - BOX.left - BOX.right, height: HEIGHT - BOX.top - BOX.bottom }
  const x = (waiters: number): number => left + BOX.left + 18 + ((Math.log10(waiters) - 1) / 3) * (plot.width - 36)
  const y = (value: number): number => BOX.top + plot.height - ((Math.log10(value) - from) / (to - from)) * plot.height
  const decades = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i))
  const lines = series.map(({ color, points }) => {
    const path = points
      .map(([waiters, value], i) => `${i === 0 ? 'M' : 'L'}${coordinate(x(waiters))} ${coordinate(y(value))}`)
      .join('')
    const dots = points.map(
      ([waiters, value]) => `<circle cx="${coordinate(x(waiters))}" cy="${coordinate(y(value))}" r="3.5"/>`,
    )
    return `<g stroke="${color}" fill="${color}"><path d="${path}" fill="none" stroke-width="2"/>${dots.join('')}</g>`
  })
  const labels = series.flatMap(({ color, points }, i) =>
    points.map(([waiters, value]) => {
      const others = series.flatMap((other, j) => (j === i ? [] : other.points.filter(([count]) => count === waiters)))
      const below = others.some(([, other]) => other > value)
      return svgText(
        x(waiters),
        y(value) + (below ? 17 : -9),
        roundedNumber(value),
        `fill="${color}" text-anchor="middle"`,
      )
    }),
  )
  return [
    svgText(left + BOX.left, 18, title, `fill="${INK}" font-size="14" font-weight="600"`),
    svgText(left + BOX.left, 34, unit, `fill="${INK}"`),
    ...decades.flatMap((value) => [
      `<path d="M${coordinate(left + BOX.left)} ${coordinate(y(value))}h${plot.width}" stroke="${INK}" stroke-opacity=".25"/>`,
      svgText(left + BOX.left - 8, y(value) + 4, shortNumber(value), `fill="${INK}" text-anchor="end"`),
    ]),
    ...WAITERS.map((count) => svgText(x(count), HEIGHT - 22, shortNumber(count), `fill="${INK}" text-anchor="middle"`)),
    svgText(left + BOX.left + plot.width / 2, HEIGHT - 5, 'waiters', `fill="${INK}" text-anchor="middle"`),
    ...lines,
    ...labels,
  ].join('\n')
}

const requests = chartOf('Requests', 'until all jobs have ended, within 20 s', 'requests')
const delay = chartOf('Mean delay', "from a job's end to the answer, ms", 'mean delay')
const legend = requests.series.map(
  ({ name, color }, i) =>
    `<circle cx="${BOX.left + 4 + i * 110}" cy="${HEIGHT + 14}" r="4" fill="${color}"/>` +
    svgText(BOX.left + 14 + i * 110, HEIGHT + 18, name, `fill="${INK}"`),
)
const svg = [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * WIDTH} ${HEIGHT + 28}" width="${2 * WIDTH}" font-family="system-ui, sans-serif" font-size="11" role="img">`,
  '<title>Requests and mean delay against the number of waiters: aistore-rx and the Python SDK</title>',
  drawnChart(requests, 0),
  drawnChart(delay, WIDTH),
  ...legend,
  '</svg>',
  '',
].join('\n')
mkdirSync(pathInProject('docs'), { recursive: true })
writeFileSync(pathInProject('docs/waiters.svg'), svg)
