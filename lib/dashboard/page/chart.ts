import uPlot from 'uplot'
import { el, setAttribute, setText } from './dom.ts'
import { clock } from '../../common/format.ts'
import { UNKNOWN, bytes, rate } from './format.ts'
import type { Rates } from './rates.ts'

/** How many points the table beside the drawing has. */
const LISTED = 25
const HEIGHT = 220
/** The shortest time axis. On an axis of a few seconds, noise would look like a trend. */
const SHORTEST_MS = 60_000

/** A chart of objects and bytes per second, with a table of the same numbers. */
export interface Chart {
  readonly element: HTMLElement
  readonly show: (rates: Rates) => void
  readonly close: () => void
}

const byteRate = (n: number | null | undefined): string => (n === null || n === undefined ? UNKNOWN : `${bytes(n)}/s`)
const objectRate = (n: number | null | undefined): string => rate(n ?? undefined)

/** Creates the chart. It draws nothing until the first rates. */
export function chart(): Chart {
  const box = el('div', { class: 'chart', role: 'img' })
  const rows = el('tbody')
  const headers = ['Time', 'Objects', 'Bytes'].map((name, i) =>
    el('th', { scope: 'col', class: i === 0 ? '' : 'number' }, name),
  )
  const table = el('table', {}, el('thead', {}, el('tr', {}, ...headers)), rows)
  const details = el(
    'details',
    {},
    el('summary', {}, 'The same numbers as a table'),
    el('div', { class: 'wide' }, table),
  )
  let plot: uPlot | undefined
  let drawn: Rates | undefined
  let look = ''

  const draw = (rates: Rates): void => {
    const data: uPlot.AlignedData = [
      rates.atMs.map((atMs) => atMs / 1000),
      rates.objects as (number | null)[],
      rates.bytes as (number | null)[],
    ]
    const now = lookOf(box)
    if (plot === undefined || now !== look) {
      plot?.destroy()
      look = now
      plot = new uPlot(optionsFor(box), data, box)
    } else plot.setData(data)
  }
  const list = (rates: Rates): void => {
    if (!details.open) return
    const from = Math.max(0, rates.atMs.length - LISTED)
    rows.replaceChildren(
      ...rates.atMs
        .slice(from)
        .map((atMs, i) =>
          el(
            'tr',
            {},
            el('td', {}, clock(atMs)),
            el('td', { class: 'number' }, objectRate(rates.objects[from + i])),
            el('td', { class: 'number' }, byteRate(rates.bytes[from + i])),
          ),
        )
        .reverse(),
    )
  }
  const redraw = (): void => {
    if (drawn === undefined) return
    draw(drawn)
    list(drawn)
  }
  details.addEventListener('toggle', redraw)
  const size = new ResizeObserver(() => plot?.setSize({ width: box.clientWidth, height: HEIGHT }))
  size.observe(box)
  const note = el('p', { class: 'muted' })
  return {
    element: el('div', {}, note, box, details),
    close: () => {
      size.disconnect()
      plot?.destroy()
    },
    show: (rates) => {
      if (rates === drawn && lookOf(box) === look) return
      drawn = rates
      const known = rates.objects.filter((one) => one !== null)
      setText(note, known.length > 0 ? '' : 'No rate is known: it takes three reports of a running job.')
      note.hidden = known.length > 0
      box.hidden = known.length === 0
      details.hidden = known.length === 0
      if (known.length === 0) return
      draw(rates)
      list(rates)
      const least = Math.min(...known)
      const most = Math.max(...known)
      const last = rates.objects.at(-1)
      setAttribute(
        box,
        'aria-label',
        `Objects per second: now ${objectRate(last)}, from ${rate(least)} to ${rate(most)}; bytes per second: now ${byteRate(rates.bytes.at(-1))}`,
      )
    },
  }
}

/** Ticks at round numbers of KiB and MiB. */
const BINARY = Array.from({ length: 60 }, (_, power) => 2 ** power)

/** The colours of the page. A canvas does not follow them, so the chart is drawn again when they change. */
const lookOf = (box: HTMLElement): string => {
  const { color, borderTopColor, outlineColor, caretColor } = getComputedStyle(box)
  return [color, borderTopColor, outlineColor, caretColor].join('|')
}

/** What the legend shows: the point at the pointer or, without one, the newest. */
const legend =
  (text: (value: number | null) => string): uPlot.Series.Value =>
  (plot, value: number | null, series, index) =>
    text(index === null ? (plot.data[series]?.at(-1) ?? null) : value)

function optionsFor(box: HTMLElement): uPlot.Options {
  const style = getComputedStyle(box)
  const text = style.color
  const line = style.borderTopColor
  const objects = style.outlineColor
  const size = style.caretColor
  const axis = { stroke: text, font: '12px system-ui', grid: { stroke: line, width: 1 }, ticks: { show: false } }
  const fromZero = (_: uPlot, __: number, highest: number | null): uPlot.Range.MinMax => [
    0,
    Math.max(1, (highest ?? 0) * 1.1),
  ]
  return {
    width: box.clientWidth,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    scales: {
      x: { time: true, range: (_, first, last) => [Math.min(first, last - SHORTEST_MS / 1000), last] },
      objects: { range: fromZero },
      bytes: { range: fromZero },
    },
    axes: [
      { ...axis, space: 90, size: 34, values: (_, splits) => splits.map((seconds) => clock(seconds * 1000)) },
      { ...axis, scale: 'objects', size: 70, values: (_, splits) => splits.map((n) => rate(n)) },
      {
        ...axis,
        scale: 'bytes',
        // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- its enum is not in the bundle
        side: 1,
        size: 90,
        incrs: BINARY,
        grid: { show: false },
        values: (_, splits) => splits.map((n) => byteRate(n)),
      },
    ],
    series: [
      { label: 'Time', value: legend((seconds) => (seconds === null ? UNKNOWN : clock(seconds * 1000))) },
      { label: 'Objects', scale: 'objects', stroke: objects, width: 2, value: legend(objectRate) },
      {
        label: 'Bytes (dashed)',
        scale: 'bytes',
        stroke: size,
        width: 2,
        dash: [6, 4],
        value: legend(byteRate),
      },
    ],
  }
}
