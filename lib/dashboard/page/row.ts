import { formatAddress, parseAddress } from './address.ts'
import { el, setAttribute, setText } from './dom.ts'
import { UNKNOWN, bytes, count, duration, percent, rate } from './format.ts'
import { kindName } from './kind-name.ts'
import type { Moment, Shown } from './shown.ts'
import { stateMark } from './state-mark.ts'
import { isOpenState } from './states.ts'

/** The row of one job. It exists as long as the job is drawn. */
export interface RowView {
  readonly element: HTMLTableRowElement
  readonly show: (job: Shown, moment: Moment) => void
  readonly focus: () => void
}

/** Makes a row. Without `stop`, it has no button to stop. */
export function rowView(id: string, stop: ((id: string) => void) | undefined): RowView {
  const mark = stateMark()
  const link = el('a', { href: '#/' }, id)
  const bar = el('progress', { max: '1', 'aria-hidden': 'true' })
  const share = el('span', { class: 'share' })
  const done = el('span', { class: 'done' })
  const noTotal = el('small', { class: 'no-total' }, 'no total')
  const cell = (name: string, ...children: readonly (Node | string)[]): HTMLTableCellElement =>
    el('td', { class: name, role: 'cell' }, ...children)
  const kind = el('span', { class: 'name' })
  const error = el('small', { class: 'error' })
  const bucket = cell('bucket')
  const objects = cell('objects number')
  const size = cell('bytes number')
  const perSecond = el('span')
  const sizePerSecond = el('small')
  const eta = cell('eta number')
  const lasted = el('span')
  const ended = el('small')
  const button = el('button', { type: 'button', onclick: () => stop?.(id) }, 'Stop')
  button.setAttribute('aria-label', `Stop ${id}`)
  const element = el(
    'tr',
    { role: 'row' },
    cell('mark', mark.element),
    cell('kind', kind, error),
    el('th', { class: 'id', scope: 'row', role: 'rowheader' }, link),
    bucket,
    cell('progress', bar, share, done, noTotal),
    objects,
    size,
    cell('rate number', perSecond, sizePerSecond),
    eta,
    cell('age number', lasted, ended),
    ...(stop === undefined ? [] : [cell('actions', button)]),
  )
  element.dataset['id'] = id
  return {
    element,
    focus: () => link.focus(),
    show: (job, { nowMs, isStale }) => {
      const { ratio, startMs, endMs, overMs, state } = job
      // While the data is old, the current rate is unknown.
      const { objectsPerSecond, bytesPerSecond, etaMs } = isStale ? UNKNOWN_PACE : job
      const isOpen = isOpenState(state)
      mark.show(state)
      setAttribute(link, 'href', hrefOf(id))
      setAttribute(link, 'title', id)
      setText(kind, kindName(job.kind))
      setAttribute(kind, 'title', job.kind)
      setText(error, job.error ?? '')
      setAttribute(error, 'title', job.error)
      setText(bucket, job.bucket ?? UNKNOWN)
      setAttribute(bucket, 'title', job.bucket)
      bar.hidden = ratio === undefined
      if (ratio !== undefined && bar.value !== ratio) bar.value = ratio
      setText(share, ratio === undefined ? UNKNOWN : percent(ratio))
      // Without a share, an open job shows "no total": an empty cell would look like a job that has not begun.
      noTotal.hidden = ratio !== undefined || !isOpen
      share.hidden = !noTotal.hidden
      done.hidden = ratio !== undefined
      const objectWord = job.objects === 1 ? 'object' : 'objects'
      setText(done, job.objects === undefined ? '' : `${count(job.objects)} ${objectWord}`)
      setText(objects, count(job.objects))
      setText(size, bytes(job.bytes))
      setText(perSecond, rate(objectsPerSecond))
      setText(sizePerSecond, bytesPerSecond === undefined ? '' : `${bytes(bytesPerSecond)}/s`)
      setText(eta, duration(etaMs))
      eta.classList.toggle('unknown', etaMs === undefined)
      perSecond.classList.toggle('unknown', objectsPerSecond === undefined)
      setText(lasted, startMs === undefined ? UNKNOWN : duration((endMs ?? overMs ?? nowMs) - startMs))
      const overSinceMs = isOpen ? undefined : (endMs ?? overMs)
      setText(ended, overSinceMs === undefined ? '' : `${ago(nowMs - overSinceMs)} ago`)
      element.classList.toggle('over', !isOpen)
      // A button that is hidden or disabled loses the focus.
      if ((!isOpen || isStale) && button === document.activeElement) link.focus()
      button.hidden = !isOpen
      button.disabled = isStale
    },
  }
}

const UNKNOWN_PACE: Pick<Shown, 'objectsPerSecond' | 'bytesPerSecond' | 'etaMs'> = {}

/** The age in one unit only: beside hours, seconds would change all the time without any use. */
const ago = (ms: number): string => duration(ms).split(' ').slice(0, 2).join(' ')

/** The address of the page of a job. It keeps the filter, so that the way back leads to the same table. */
export const hrefOf = (id: string): string => formatAddress({ ...parseAddress(location.hash), job: id })
