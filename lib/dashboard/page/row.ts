import { formatAddress, parseAddress } from './address.ts'
import { el, setAttribute, setText } from './dom.ts'
import { UNKNOWN, bytes, count, duration, percent, rate } from './format.ts'
import type { Shown } from './shown.ts'
import { stateMark } from './state-mark.ts'
import { isOpenState } from './states.ts'

/** The row of one job, which lives as long as the job is shown. */
export interface RowView {
  readonly element: HTMLTableRowElement
  readonly show: (job: Shown, nowMs: number) => void
}

/** Makes a row. The button to stop is absent unless `stop` is given. */
export function rowView(id: string, stop: ((id: string) => void) | undefined): RowView {
  const mark = stateMark()
  const link = el('a', { href: '#/' }, id)
  const follow = (): void => setAttribute(link, 'href', hrefOf(id))
  const bar = el('progress', { max: '1', 'aria-label': 'progress' })
  const share = el('span', { class: 'share' })
  const cell = (name: string, ...children: readonly (Node | string)[]): HTMLTableCellElement =>
    el('td', { class: name, role: 'cell' }, ...children)
  const [kind, bucket, objects, size] = [cell('kind'), cell('bucket'), cell('objects number'), cell('bytes number')]
  const [perSecond, bytesPerSecond] = [el('span'), el('small')]
  const [eta, age] = [cell('eta number'), cell('age number')]
  const button = el('button', { type: 'button', onclick: () => stop?.(id) }, 'Stop')
  button.setAttribute('aria-label', `Stop ${id}`)
  const element = el(
    'tr',
    { role: 'row' },
    cell('mark', mark.element),
    kind,
    el('th', { class: 'id', scope: 'row', role: 'rowheader' }, link),
    bucket,
    cell('progress', bar, share),
    objects,
    size,
    cell('rate number', perSecond, bytesPerSecond),
    eta,
    age,
    ...(stop === undefined ? [] : [cell('actions', button)]),
  )
  element.dataset['id'] = id
  return {
    element,
    show: (job, nowMs) => {
      const isOpen = isOpenState(job.state)
      mark.show(job.state)
      follow()
      setText(kind, job.kind)
      setText(bucket, job.bucket ?? UNKNOWN)
      setAttribute(bucket, 'title', job.bucket)
      bar.hidden = job.ratio === undefined
      if (job.ratio !== undefined && bar.value !== job.ratio) bar.value = job.ratio
      setText(share, job.ratio === undefined ? UNKNOWN : percent(job.ratio))
      setText(objects, count(job.objects))
      setText(size, bytes(job.bytes))
      setText(perSecond, rate(job.objectsPerSecond))
      setText(bytesPerSecond, job.bytesPerSecond === undefined ? '' : `${bytes(job.bytesPerSecond)}/s`)
      setText(eta, duration(job.etaMs))
      setText(age, job.startMs === undefined ? UNKNOWN : duration((job.endMs ?? nowMs) - job.startMs))
      element.classList.toggle('over', !isOpen)
      setAttribute(element, 'title', job.error)
      button.hidden = !isOpen
    },
  }
}

/** The address of the page of a job. It keeps the filter, so that the way back leads to the same table. */
export const hrefOf = (id: string): string => formatAddress({ ...parseAddress(location.hash), job: id })
