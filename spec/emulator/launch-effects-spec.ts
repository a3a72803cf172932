import { expect } from 'chai'
import { concat, ignoreElements, last, map, type Observable } from 'rxjs'
import type { Cluster } from '../../lib/cluster.ts'
import { isLeft, right } from '../../lib/common/either.ts'
import type { Result } from '../../lib/error.ts'
import * as rx from '../../lib/index.ts'
import { runInEmulator } from '../helpers/emulated-cluster.ts'

// Each launch changes the objects of the emulated buckets as it does in a real cluster. `summarizeBucket` counts them
// before and after.

const source = { name: 'src' }
const destination = { name: 'dst' }
const newBucket = { name: 'new' }
const cloudBucket = { name: 'data', provider: 'gcp' }
const everything = 'everything'

type Launch = (cluster: Cluster) => Observable<Result<rx.Launched>>
type Count = bigint | 'NotFound'

/** The number of objects of a bucket in the cluster. */
const countOf = (cluster: Cluster, bucket: rx.Bucket): Observable<Count> =>
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
    (cluster) => rx.copyBucket(cluster, { from: source, to: newBucket }),
    [source, newBucket],
    [120n, 'NotFound'],
    [120n, 120n],
  ],
  'copyBucket, a dry run': [
    (cluster) => rx.copyBucket(cluster, { from: source, to: destination, prepend: 'p/', dryRun: true }),
    [source, destination],
    [120n, 120n],
    [120n, 120n],
  ],
  copyObjects: [
    (cluster) => rx.copyObjects(cluster, { from: source, to: newBucket, what: everything }),
    [source, newBucket],
    [120n, 'NotFound'],
    [120n, 120n],
  ],
  'copyObjects, within a bucket': [
    (cluster) => rx.copyObjects(cluster, { from: source, to: source, what: everything, prepend: 'n/' }),
    [source, destination],
    [120n, 120n],
    [240n, 120n],
  ],
  renameBucket: [
    (cluster) => rx.renameBucket(cluster, { from: source, to: 'new' }),
    [source, newBucket],
    [120n, 'NotFound'],
    ['NotFound', 120n],
  ],
  deleteObjects: [
    (cluster) => rx.deleteObjects(cluster, { bucket: source, what: everything }),
    [source, destination],
    [120n, 120n],
    [0n, 120n],
  ],
  prefetch: [(cluster) => rx.prefetch(cluster, { bucket: cloudBucket, what: everything }), [cloudBucket], [0n], [120n]],
  'archive, into its own bucket': [
    (cluster) => rx.archive(cluster, { from: source, what: everything, name: 'x.tar' }),
    [source, destination],
    [120n, 120n],
    [121n, 120n],
  ],
  archive: [
    (cluster) => rx.archive(cluster, { from: source, to: destination, what: everything, name: 'x.tar' }),
    [source, destination],
    [120n, 120n],
    [120n, 121n],
  ],
}

describe('the effect of a launch in the emulator', () => {
  for (const [name, [launch, buckets, before, after]] of Object.entries(EFFECTS))
    it(`${name} changes the counts that summarizeBucket reports`, () => {
      const counts = runInEmulator(({ cluster }) => {
        const counted = buckets.map((bucket) => countOf(cluster, bucket))
        return concat(...counted, rx.follow(cluster, launch(cluster)).pipe(ignoreElements()), ...counted)
      })
      expect(counts).to.deep.equal([...before, ...after])
    })

  it('evictObjects drops what prefetch has brought in', () => {
    const counts = runInEmulator(({ cluster }) => {
      const followed = (launch: ReturnType<Launch>): Observable<never> =>
        rx.follow(cluster, launch).pipe(ignoreElements())
      return concat(
        followed(rx.prefetch(cluster, { bucket: cloudBucket, what: everything })),
        countOf(cluster, cloudBucket),
        followed(rx.evictObjects(cluster, { bucket: cloudBucket, what: everything })),
        countOf(cluster, cloudBucket),
      )
    })
    expect(counts).to.deep.equal([120n, 0n])
  })

  it('a prefetch has the number of objects that only the cloud holds as its total', () => {
    const events = runInEmulator(({ cluster }) => {
      const total = rx.summarizeBucket(cluster, { bucket: cloudBucket, include: 'all' }).pipe(
        map((result): Result<rx.KnownTotal> => {
          return isLeft(result) ? result : right({ objects: result.right.remoteObjects - result.right.objects })
        }),
      )
      const first = rx.prefetch(cluster, { bucket: cloudBucket, what: { template: 'obj-{00000..00019}' } })
      const all = rx.follow(cluster, rx.prefetch(cluster, { bucket: cloudBucket, what: everything }), { total })
      return concat(rx.follow(cluster, first).pipe(ignoreElements()), all)
    })
    const ratios = events.flatMap((event) =>
      !isLeft(event) && event.right.type === 'progressed' ? [event.right.progress] : [],
    )
    expect(ratios.at(-1)).to.include({ objects: 100, ratio: 1 })
    for (const { objects, ratio } of ratios) expect(ratio).to.equal(objects / 100)
  })
})
