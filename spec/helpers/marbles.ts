import { expect } from 'chai'
import { TestScheduler, type RunHelpers } from 'rxjs/testing'

/**
 * Runs marbles in virtual time and compares by value, including bigints, records without a prototype, Eithers and errors.
 *
 * Inside, `asyncScheduler` is virtual too and starts at 0; a frame is one millisecond. Put all assertions inside: they run
 * after the body has returned. Unsubscribe from an endless stream (`expectObservable(polled, '^ 5s !')`), or virtual
 * time never ends. Promises stay real, so they do not settle here.
 *
 * Spaces in a diagram have no meaning. Use leading spaces to align columns.
 *
 * @param body must have braces, because it returns nothing. Its second argument is the scheduler
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
