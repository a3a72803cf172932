import { concat, map, of, startWith, switchMap, timer, type Observable } from 'rxjs'
import { constant, type Cadence } from '../../index.ts'

/** The time from a reply to the next request. */
export const PERIOD_MS = 1_000
const LONGEST_MS = 10_000

/** How long to wait after this number of failures in a row. */
export const waitAfter = (failures: number): number => Math.min(LONGEST_MS, PERIOD_MS * 2 ** Math.max(0, failures - 1))

/** How long the cadence stays at 0 after a click, which is long enough to send the requests of the page. */
const CLICK_MS = 300

/** The cadence of the page: slower while the cluster does not answer. A click sends the next requests at once. */
export const cadenceOf = (clicks: Observable<unknown>): Observable<Cadence> => {
  const usual: Cadence = ({ failures }) => waitAfter(failures)
  return clicks.pipe(
    switchMap(() => concat(of(constant(0)), timer(CLICK_MS).pipe(map(() => usual)))),
    startWith(usual),
  )
}
