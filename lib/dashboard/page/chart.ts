import { el, setAttribute, setText, svg } from './dom.ts'
import { UNKNOWN, bytes, clock, count, rate } from './format.ts'

/** The rates of a job at a time. An unknown rate is a gap in the line. */
export interface Point {
  readonly atMs: number
  readonly objects: number | undefined
  readonly bytes: number | undefined
}

const SPAN_MS = 900_000
const [WIDTH, HEIGHT, LEFT, BOTTOM] = [720, 160, 4, 18]
/** How many points the table beside the drawing has. */
const LISTED = 25

/** A chart of objects per second, with a table of the same numbers. */
export interface Chart {
  readonly element: HTMLElement
  readonly add: (point: Point) => void
}

export function chart(): Chart {
  const line = svg('path', { class: 'line' })
  const label = (x: number, y: number, anchor: string): SVGTextElement =>
    svg('text', { x: String(x), y: String(y), 'text-anchor': anchor })
  const [top, from, to] = [label(LEFT, 12, 'start'), label(LEFT, HEIGHT - 4, 'start'), label(WIDTH, HEIGHT - 4, 'end')]
  const base = svg('path', { class: 'axis', d: `M0 ${HEIGHT - BOTTOM}H${WIDTH}M0 16H${WIDTH}` })
  const drawing = svg(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', class: 'chart' },
    base,
    line,
    top,
    from,
    to,
  )
  const rows = el('tbody')
  const headers = ['Time', 'Objects', 'Bytes'].map((name) => el('th', { scope: 'col' }, name))
  const table = el('table', {}, el('thead', {}, el('tr', {}, ...headers)), rows)
  const element = el('div', {}, drawing, el('details', {}, el('summary', {}, 'The same numbers as a table'), table))
  let points: readonly Point[] = []
  return {
    element,
    add: (point) => {
      points = [...points.filter(({ atMs }) => point.atMs - atMs < SPAN_MS), point]
      const known = points.flatMap(({ objects }) => (objects === undefined ? [] : [objects]))
      const highest = Math.max(1, ...known)
      const first = points[0]?.atMs ?? point.atMs
      const spanMs = Math.max(60_000, point.atMs - first)
      const x = (atMs: number): number => ((atMs - first) / spanMs) * WIDTH
      const y = (value: number): number => HEIGHT - BOTTOM - (value / highest) * (HEIGHT - BOTTOM - 16)
      setAttribute(line, 'd', pathOf(points, x, y))
      setText(top, rate(highest))
      setText(from, clock(first))
      setText(to, clock(first + spanMs))
      const [least, most] = [Math.min(...known), Math.max(...known)]
      setAttribute(
        drawing,
        'aria-label',
        known.length === 0
          ? 'Objects per second: not known yet'
          : `Objects per second: now ${rate(point.objects)}, from ${count(least)} to ${count(most)}`,
      )
      rows.replaceChildren(
        ...points
          .slice(-LISTED)
          .reverse()
          .map(({ atMs, objects, bytes: size }) =>
            el(
              'tr',
              {},
              el('td', {}, clock(atMs)),
              el('td', { class: 'number' }, rate(objects)),
              el('td', { class: 'number' }, size === undefined ? UNKNOWN : `${bytes(size)}/s`),
            ),
          ),
      )
    },
  }
}

/** A line through the known points; no line leads across a gap. */
function pathOf(points: readonly Point[], x: (atMs: number) => number, y: (value: number) => number): string {
  let isDrawing = false
  return points
    .map(({ atMs, objects }) => {
      if (objects === undefined) {
        isDrawing = false
        return ''
      }
      const step = `${isDrawing ? 'L' : 'M'}${x(atMs).toFixed(1)} ${y(objects).toFixed(1)}`
      isDrawing = true
      return step
    })
    .join('')
}
