import { inspect } from 'node:util'
import { expect } from 'chai'
import type { Observable } from 'rxjs'
import type { ClusterLike } from '../../lib/environment.ts'
import type { Result } from '../../lib/error.ts'
import type { JobSelector } from '../../lib/model/selection.ts'
import type { WatchOptions } from '../../lib/watch.ts'
import { resourceCountOf } from './live.ts'
import { json } from './fake-cluster/replies.ts'
import { clusterOf, only, scripted } from './scripted.ts'

/** Defines specs: a live stream rejects these arguments on each subscription, sends no request and stores nothing. */
export function refuses(
  live: (cluster: ClusterLike, selector?: JobSelector, options?: WatchOptions) => Observable<Result<unknown>>,
  selectors: readonly (readonly [selector: unknown, argument: string])[],
): void {
  for (const [selector, argument] of selectors)
    it(`refuses ${inspect(selector)}: ${argument}`, () => {
      const sent = scripted(() => json([]))
      const cluster = clusterOf(sent)
      const stream = live(cluster, selector as JobSelector)
      for (const result of [only(stream), only(stream)])
        expect(result).to.deep.include({ _tag: 'Left' }).and.to.have.nested.property('left.argument', argument)
      expect(sent.requests).to.deep.equal([])
      expect(resourceCountOf(cluster)).to.equal(0)
    })

  for (const cadence of [null, 0, 'quick', {}])
    it(`refuses ${inspect(cadence)} as a cadence`, () => {
      const result = only(live(clusterOf(scripted(() => json([]))), {}, { cadence: cadence as never }))
      expect(result).to.have.nested.property('left.argument', 'cadence')
    })

  it('refuses an argument that is not a cluster', () => {
    expect(only(live({} as ClusterLike))).to.have.nested.property('left._tag', 'InvalidArgument')
  })
}
