import { expect } from 'chai'
import { concat, ignoreElements, last, map, type Observable } from 'rxjs'
import type { Cluster } from '../../lib/cluster.ts'
import { isLeft, right } from '../../lib/common/either.ts'
import type { Result } from '../../lib/error.ts'
import * as rx from '../../lib/index.ts'
import { runInEmulator } from '../helpers/emulated-cluster.ts'

const src = { name: 'src' }
const dst = { name: 'dst' }
const fresh = { name: 'new' }
const gcp = { name: 'data', provider: 'gcp' }
const what = 'everything'

type Launch = (cluster: Cluster) => Observable<Result<rx.Launched>>
type Count = bigint | 'NotFound'

/** The number of objects of a bucket in the cluster. */
const count = (cluster: Cluster, bucket: rx.Bucket): Observable<Count> =>
  rx.summarizeBucket(cluster, { bucket }).pipe(
    last(),
    map((result) => (isLeft(result) ? 'NotFound' : result.right.objects)),
  )

/** By launch: the buckets, and their numbers of objects before and after the job. */
const EFFECTS: Readonly<
  Record<
    string,
    readonly [launch: Launch, buckets: readonly rx.Bucket[], before: readonly Count[], after: readonly Count[]]
  >
> = {
  copyBucket: [
    (cluster) => rx.copyBucket(cluster, { from: src, to: fresh }),
    [src, fresh],
    [120n, 'NotFound'],
    [120n, 120n],
  ],
  'copyBucket, a dry run': [
    (cluster) => rx.copyBucket(cluster, { from: src, to: dst, prepend: 'p/', dryRun: true }),
    [src, dst],
    [120n, 120n],
    [120n, 120n],
  ],
  copyObjects: [
    (cluster) => rx.copyObjects(cluster, { from: src, to: fresh, what }),
    [src, fresh],
    [120n, 'NotFound'],
    [120n, 120n],
  ],
  'copyObjects, within a bucket': [
    (cluster) => rx.copyObjects(cluster, { from: src, to: src, what, prepend: 'n/' }),
    [src, dst],
    [120n, 120n],
    [240n, 120n],
  ],
  renameBucket: [
    (cluster) => rx.renameBucket(cluster, { from: src, to: 'new' }),
    [src, fresh],
    [120n, 'NotFound'],
    ['NotFound', 120n],
  ],
  deleteObjects: [(cluster) => rx.deleteObjects(cluster, { bucket: src, what }), [src, dst], [120n, 120n], [0n, 120n]],
  prefetch: [(cluster) => rx.prefetch(cluster, { bucket: gcp, what }), [gcp], [0n], [120n]],
  'archive, into its own bucket': [
    (cluster) => rx.archive(cluster, { from: src, what, name: 'x.tar' }),
    [src, dst],
    [120n, 120n],
    [121n, 120n],
  ],
  archive: [
    (cluster) => rx.archive(cluster, { from: src, to: dst, what, name: 'x.tar' }),
    [src, dst],
    [120n, 120n],
    [120n, 121n],
  ],
}

describe('the effect of a launch in the emulator', () => {
  for (const [name, [launch, buckets, before, after]] of Object.entries(EFFECTS))
    it(`${name} changes the counts that summarizeBucket reports`, () => {
      const counts = runInEmulator(({ cluster }) => {
        const counted = buckets.map((bucket) => count(cluster, bucket))
        return concat(...counted, rx.follow(cluster, launch(cluster)).pipe(ignoreElements()), ...counted)
      })
      expect(counts).to.deep.equal([...before, ...after])
    })

  it('evictObjects drops what prefetch has brought in', () => {
    const counts = runInEmulator(({ cluster }) => {
      const followed = (launch: ReturnType<Launch>): Observable<never> =>
        rx.follow(cluster, launch).pipe(ignoreElements())
      return concat(
        followed(rx.prefetch(cluster, { bucket: gcp, what })),
        count(cluster, gcp),
        followed(rx.evictObjects(cluster, { bucket: gcp, what })),
        count(cluster, gcp),
      )
    })
    expect(counts).to.deep.equal([120n, 0n])
  })

  it('a prefetch has the number of objects that only the cloud holds as its total', () => {
    const events = runInEmulator(({ cluster }) => {
      const total = rx.summarizeBucket(cluster, { bucket: gcp, include: 'all' }).pipe(
        map((result): Result<rx.KnownTotal> => {
          return isLeft(result) ? result : right({ objects: result.right.remoteObjects - result.right.objects })
        }),
      )
      const first = rx.prefetch(cluster, { bucket: gcp, what: { template: 'obj-{00000..00019}' } })
      const all = rx.follow(cluster, rx.prefetch(cluster, { bucket: gcp, what }), { total })
      return concat(rx.follow(cluster, first).pipe(ignoreElements()), all)
    })
    const ratios = events.flatMap((event) =>
      !isLeft(event) && event.right.type === 'progressed' ? [event.right.progress] : [],
    )
    expect(ratios.at(-1)).to.include({ objects: 100, ratio: 1 })
    for (const { objects, ratio } of ratios) expect(ratio).to.equal(objects / 100)
  })
})
