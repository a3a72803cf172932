import { expect } from 'chai'
import { of, type Observable } from 'rxjs'
import type { Cluster } from '../../lib/cluster.ts'
import { andThen } from '../../lib/operators/and-then.ts'
import { right } from '../../lib/common/either.ts'
import type { Result } from '../../lib/error.ts'
import * as rx from '../../lib/index.ts'
import { runInEmulator } from '../helpers/emulated-cluster.ts'

const src = { name: 'src' }
const dst = { name: 'dst' }
const gcp = { name: 'data', provider: 'gcp' }
const remote = { name: 'rb', provider: 'ais', namespace: { uuid: 'FqG3gf8Af', name: '' } }
const some = { template: 'o-{00..49}' }

type Launched = rx.LaunchedJob | rx.AlreadyDone | readonly rx.LaunchedJob[]
type Launch = (cluster: Cluster) => Observable<Result<Launched>>

/** By function: a launch, and the kind and the outcome of its job. */
const launches: Readonly<Record<string, readonly [launch: Launch, kind: string, outcome: rx.Outcome | 'done']>> = {
  copyBucket: [(cluster) => rx.copyBucket(cluster, { from: src, to: { name: 'new' } }), 'copy-bck', 'finished'],
  renameBucket: [(cluster) => rx.renameBucket(cluster, { from: src, to: 'renamed' }), 'move-bck', 'finished'],
  copyObjects: [(cluster) => rx.copyObjects(cluster, { from: src, to: dst, what: some }), 'copy-listrange', 'idle'],
  prefetch: [(cluster) => rx.prefetch(cluster, { bucket: gcp, what: some }), 'prefetch-listrange', 'finished'],
  'prefetch, of another cluster': [
    (cluster) => rx.prefetch(cluster, { bucket: remote, what: some }),
    'prefetch-listrange',
    'finished',
  ],
  evictObjects: [
    (cluster) => rx.evictObjects(cluster, { bucket: gcp, what: 'everything' }),
    'evict-listrange',
    'finished',
  ],
  deleteObjects: [(cluster) => rx.deleteObjects(cluster, { bucket: src, what: some }), 'delete-listrange', 'finished'],
  evictBucket: [
    (cluster) => rx.evictBucket(cluster, { bucket: gcp, keepProperties: true }),
    'evict-remote-bck',
    'done',
  ],
  archive: [
    (cluster) => rx.archive(cluster, { from: src, to: dst, what: 'everything', name: 'x.tar' }),
    'archive',
    'idle',
  ],
  mirror: [(cluster) => rx.mirror(cluster, { bucket: src, copies: 2 }), 'make-n-copies', 'finished'],
  erasureCode: [
    (cluster) => rx.erasureCode(cluster, { bucket: src, dataSlices: 1, paritySlices: 1 }),
    'ec-encode',
    'finished',
  ],
  rechunk: [
    (cluster) => rx.rechunk(cluster, { bucket: src, chunkBytes: 2 ** 20, fromBytes: 0 }),
    'rechunk',
    'finished',
  ],
  indexShards: [(cluster) => rx.indexShards(cluster, { bucket: src }), 'index-shard', 'finished'],
  createInventory: [(cluster) => rx.createInventory(cluster, { bucket: gcp }), 'create-inventory', 'finished'],
  promote: [(cluster) => rx.promote(cluster, { bucket: src, source: '/var/lib/ais/promote/x' }), 'promote', 'finished'],
  blobDownload: [
    (cluster) => rx.blobDownload(cluster, { bucket: gcp, object: 'obj-00000' }),
    'blob-download',
    'finished',
  ],
  command: [
    (cluster) =>
      rx.command(cluster, {
        method: 'POST',
        path: '/v1/buckets/src',
        query: 'provider=ais',
        action: 'make-n-copies',
        value: 2,
      }),
    'make-n-copies',
    'finished',
  ],
}

const isMany = (launched: Launched): launched is readonly rx.LaunchedJob[] => Array.isArray(launched)

describe('launches in the emulator', () => {
  for (const [name, [launch, kind, outcome]] of Object.entries(launches))
    it(`${name} starts a job of the kind ${kind}, and a wait accepts its result`, () => {
      const [result] = runInEmulator(({ cluster }) =>
        launch(cluster).pipe(
          andThen((launched): Observable<Result<rx.AlreadyDone | rx.WaitResult>> => {
            const nothing: rx.AlreadyDone = { done: true, kind: 'nothing' }
            const job = isMany(launched) ? (launched[0] ?? nothing) : launched
            return 'done' in job ? of(right(job)) : rx.wait(cluster, job)
          }),
        ),
      )
      if (outcome === 'done') expect(result).to.deep.include({ right: { done: true, kind } })
      else {
        expect(result).to.have.nested.property('right.kind', kind)
        expect(result).to.have.nested.property('right.outcome', outcome)
      }
    })

  for (const [name, launch] of Object.entries<Launch>({
    transformBucket: (cluster) => rx.transformBucket(cluster, { from: src, to: dst, etl: 'md5' }),
    transformObjects: (cluster) => rx.transformObjects(cluster, { from: src, to: dst, what: some, etl: 'md5' }),
    copyBucket: (cluster) => rx.copyBucket(cluster, { from: { name: 'nosuch' }, to: dst }),
  }))
    it(`${name} is refused with a NotFound, after which nothing has started`, () => {
      const [result] = runInEmulator(({ cluster }) => launch(cluster))
      expect(result).to.have.nested.property('left._tag', 'NotFound')
      expect(result).to.have.nested.property('left.mayHaveStarted', false)
    })

  it('share one job if its kind idles and the buckets are equal (T15)', () => {
    const what = { names: ['a'] }
    const copy =
      (cluster: Cluster): Launch =>
      () =>
        rx.copyObjects(cluster, { from: src, to: dst, what })
    const [result] = runInEmulator(({ cluster }) =>
      copy(cluster)(cluster).pipe(
        andThen((first) => copy(cluster)(cluster).pipe(andThen((second) => of(right([first, second].flat()))))),
      ),
    )
    expect(result).to.have.nested.property('right[0].shared', true)
    expect((result as { right: { id: string }[] }).right.map(({ id }) => id)[0]).to.be.a('string')
    expect(new Set((result as { right: { id: string }[] }).right.map(({ id }) => id)).size).to.equal(1)
  })

  it('are found by kind, bucket and time', () => {
    const [result] = runInEmulator(({ cluster, state }) => {
      const sinceMs = Number(state.originNs / 1_000_000n)
      return rx
        .copyBucket(cluster, { from: src, to: dst })
        .pipe(
          andThen(([job]) =>
            rx
              .findJobs(cluster, { kind: 'copy-bck', bucket: src, sinceMs })
              .pipe(andThen((found) => of(right({ launched: job.id, found: found.map(({ id }) => id) })))),
          ),
        )
    })
    const { launched, found } = (result as { right: { launched: string; found: string[] } }).right
    expect(found).to.deep.equal([launched])
  })

  it('return results that abort, progress and waits accept unchanged, although they name a bucket', () => {
    const [result] = runInEmulator(({ cluster }) =>
      rx
        .copyBucket(cluster, { from: src, to: dst })
        .pipe(andThen(([job]) => rx.abort(cluster, job, { confirm: true }))),
    )
    expect(result).to.deep.include({ _tag: 'Right' })
  })
})

describe('summarizeBucket', () => {
  it('counts the objects of a bucket', () => {
    const values = runInEmulator(({ cluster }) => rx.summarizeBucket(cluster, { bucket: src }))
    expect(values.at(-1)).to.have.property('_tag', 'Right')
    expect(values.at(-1)).to.deep.include({
      right: {
        objects: 120n,
        bytes: 122_880n,
        remoteObjects: 0n,
        remoteBytes: 0n,
        bytesOnDisk: 130_560n,
        minBytes: 1_024n,
        avgBytes: 1_024n,
        maxBytes: 1_024n,
        complete: true,
      },
    })
    expect(values.slice(0, -1).every((one) => one._tag === 'Right' && !one.right.complete)).to.equal(true)
  })

  it('emits one Left for a bucket that does not exist', () => {
    const values = runInEmulator(({ cluster }) => rx.summarizeBucket(cluster, { bucket: { name: 'nosuch' } }))
    expect(values.map((one) => (one._tag === 'Left' ? one.left._tag : ''))).to.deep.equal(['NotFound'])
  })
})
