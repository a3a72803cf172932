import { expect } from 'chai'
import { TestScheduler, type RunHelpers } from 'rxjs/testing'

/**
 * Runs marbles in virtual time and compares by value: bigints, records without a prototype, Eithers, errors.
 *
 * Inside, `asyncScheduler` is virtual too and starts at 0; a frame is a millisecond. Put all assertions inside: they are
 * made when the body has returned. Unsubscribe from an endless stream (`expectObservable(polled, '^ 5s !')`), or virtual
 * time never ends. Promises stay real and give nothing here.
 *
 * Spaces mean nothing in a diagram, so put them in front until columns align:
 *
 * @param body must have braces, because it returns nothing; its second argument is for what takes a scheduler
 * @example
 * marbles(({ cold, expectObservable, expectSubscriptions }) => {
 *   const source = cold(' -a-b--|')
 *   const subs = '        ^--!   '
 *   const expected = '    -a-(b|)'
 *   const result = source.pipe(take(2))
 *   expectObservable(result).toBe(expected)
 *   expectSubscriptions(source.subscriptions).toBe(subs)
 * })
 */
export function marbles(body: (helpers: RunHelpers, scheduler: TestScheduler) => void): void {
  const scheduler = new TestScheduler((actual, expected) => {
    expect(actual).to.deep.equal(expected)
  })
  scheduler.run((helpers) => {
    body(helpers, scheduler)
  })
}
