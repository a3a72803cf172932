import { count, duration } from '../../common/format.ts'
import { bar } from '../text/bar.ts'
import { escape } from '../text/escape.ts'
import { cut, pad, widthOf } from '../text/width.ts'
import type { Progress } from '../../view/progress-of.ts'

/** A job that the command waits for. */
export interface Waiting {
  readonly id?: string
  readonly kind?: string
  readonly progress?: Progress
}

/** How the wait for one job ended. */
export interface Waited {
  readonly id?: string
  readonly kind?: string
  /** An outcome, or `timed-out` or `unknown` if there is none. */
  readonly outcome: string
  readonly tookMs?: number
  readonly error?: string
}

const GAP = '  '
const LEAST_BAR = 10

const nameOf = ({ id = '', kind = '' }: Waiting): string => escape([kind, id].filter(Boolean).join(' '))

/** A job as `ais` names it, such as `lru[g3]`. */
export function jobName({ id, kind = '' }: Pick<Waiting, 'id' | 'kind'>): string {
  if (id === undefined) return kind
  return kind === '' ? id : `${kind}[${id}]`
}

/** A wait by kind may begin before any run. */
const hasNoRun = ({ id, progress }: Waiting): boolean =>
  id === undefined && (progress?.state ?? 'starting') === 'starting'

const stateText = (waiting: Waiting): string =>
  hasNoRun(waiting) ? 'no run yet' : (waiting.progress?.state ?? 'starting')

/** The progress of a job on a terminal. The bar takes what remains of the width. */
export function barLine(waiting: Waiting, width: number): string {
  const { ratio, objects, objectsPerSecond, elapsedMs = 0, etaMs, stalled = false } = waiting.progress ?? {}
  const texts = [
    stalled ? 'stalled' : stateText(waiting),
    ratio === undefined ? '' : `${Math.floor(ratio * 100)} %`,
    objects === undefined ? '' : `${count(objects)} objects`,
    objectsPerSecond === undefined ? '' : `${count(objectsPerSecond)}/s`,
    duration(elapsedMs),
    etaMs === undefined || etaMs === 0 ? '' : `${duration(etaMs)} left`,
  ].filter(Boolean)
  // The parts that matter least are last. A narrow terminal shows fewer of them, then no kind, and at last no bar.
  const heads = [nameOf(waiting), escape(waiting.id ?? '')]
  // The first width leaves room for a bar, of which there is none without a ratio.
  const widths = ratio === undefined ? [width] : [width - LEAST_BAR - GAP.length, width]
  const [fits] = widths.flatMap((cells) => heads.flatMap((head) => fitting(head, texts, cells) ?? []))
  if (fits === undefined) return cut([nameOf(waiting), ...texts].join(GAP), width)
  const { head, rest } = fits
  // The bar grows in steps of ten, so that it does not change its width with each number.
  const room = Math.floor((width - widthOf(head) - widthOf(rest) - 2 * GAP.length) / LEAST_BAR) * LEAST_BAR
  return [head, ...(room < LEAST_BAR ? [] : [bar(ratio, Math.min(30, room))]), rest].join(GAP)
}

/** As many texts as fit beside the head. Undefined if not even the state and the share of the work fit. */
function fitting(
  head: string,
  texts: readonly string[],
  width: number,
): { readonly head: string; readonly rest: string } | undefined {
  for (let shown = texts.length; shown >= Math.min(2, texts.length); shown--) {
    const rest = texts.slice(0, shown).join(GAP)
    if (widthOf(head) + GAP.length + widthOf(rest) <= width) return { head, rest }
  }
  return undefined
}

/** A line for output that cannot be redrawn, such as `lru[g3] still running, 12 min 3 s, 1,204 objects`. */
export function stillLine(waiting: Waiting, isStill: boolean): string {
  const { progress } = waiting
  if (hasNoRun(waiting)) return `${jobName(waiting)}: no run yet`
  const { objects, elapsedMs } = progress ?? {}
  const counted = objects === undefined ? '' : `, ${count(objects)} objects`
  const time = elapsedMs === undefined ? '' : `, ${duration(elapsedMs)}`
  return `${jobName(waiting)} ${isStill ? 'still ' : ''}${stateText(waiting)}${time}${counted}`
}

/** The line of a job whose wait has ended. */
export function waitedLine({ id = '', kind = '', outcome, tookMs, error = '' }: Waited): string {
  const time = tookMs === undefined ? '-' : duration(tookMs)
  return `${escape(id) || '-'}  ${escape(kind) || '-'}  ${pad(outcome, 9)}  ${time}  ${escape(error)}`.trimEnd()
}
