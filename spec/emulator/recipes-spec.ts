import { expect } from 'chai'
import { concat, first, take, takeUntil, timer } from 'rxjs'
import { main as release } from '../../examples/recipes/dataset-release.ts'
import { main as migrate, type Store } from '../../examples/recipes/migrate-bucket.ts'
import { main as nightly, night } from '../../examples/recipes/nightly-prefetch.ts'
import { runInEmulator } from '../helpers/emulated-cluster.ts'
import { ID, json, refusal } from '../helpers/fake-cluster/replies.ts'
import { observe } from '../helpers/observe.ts'

// The recipes of docs/jobs.md, each in an emulated cluster and virtual time.

const src = { name: 'src' }
const dst = { name: 'dst' }
const gcp = { name: 'data', provider: 'gcp' }

const commandsIn = (lines: readonly string[]): readonly string[] => lines.filter((line) => !line.startsWith('GET'))

describe('the recipe of a nightly prefetch', () => {
  const alarms: string[] = []
  const what = 'everything'
  const options = { bucket: gcp, what, deadlineMs: 60_000, alarm: (text: string) => void alarms.push(text) } as const
  beforeEach(() => {
    alarms.length = 0
  })

  it('prefetches every night, and is quiet if all is well', () => {
    let sent: readonly string[] = []
    const values = runInEmulator(({ cluster, lines }) => {
      sent = lines
      return nightly(cluster, options, 3_600_000).pipe(take(2))
    })
    for (const value of values) expect(value).to.have.nested.property('right.outcome', 'finished')
    expect(commandsIn(sent)).to.deep.equal(Array(2).fill('POST /v1/buckets/data?provider=gcp'))
    expect(alarms).to.deep.equal([])
  })

  it('stops the prefetch at the deadline, and raises the alarm', () => {
    let sent: readonly string[] = []
    const values = runInEmulator(({ cluster, lines }) => {
      sent = lines
      return night(cluster, { ...options, deadlineMs: 300 })
    })
    expect(values).to.deep.equal([{ _tag: 'Left', left: { _tag: 'WaitTimeout', afterMs: 300 } }])
    expect(commandsIn(sent)).to.deep.equal(['POST /v1/buckets/data?provider=gcp', 'PUT /v1/cluster'])
    expect(alarms).to.deep.equal(['the prefetch missed its deadline and was stopped'])
  })

  it('raises one alarm while no counter changes, and one for objects that were not prefetched', () => {
    const stuck = { id: ID, kind: 'prefetch-listrange', workedMs: 1_000, endMs: 180_000, errors: { 0: 'disk full' } }
    observe({ jobs: [stuck], other: () => ({ body: ID }) }, (cluster) =>
      night(cluster, { ...options, deadlineMs: 600_000 }),
    )
    expect(alarms).to.deep.equal([
      'the prefetch makes no progress',
      `job prefetch-listrange ${ID} ended as failed: disk full`,
    ])
  })

  it('raises the alarm if the prefetch is refused', () => {
    observe({ other: () => refusal(404, 'no such bucket') }, (cluster) => night(cluster, options))
    expect(alarms).to.deep.equal(['POST /v1/buckets/data?provider=gcp found nothing: no such bucket'])
  })
})

describe('the recipe of a release of a data set', () => {
  const options = { from: src, to: { name: 'release' }, archives: dst, name: 'v2.tar', old: gcp }

  it('copies, verifies, packs and evicts, one after the other', () => {
    let sent: readonly string[] = []
    const values = runInEmulator(({ cluster, lines }) => {
      sent = lines
      return release(cluster, options)
    })
    const texts = ['copied', 'verified 120 objects', 'packed', 'evicted']
    expect(values).to.deep.equal(texts.map((text) => ({ _tag: 'Right', right: text })))
    expect(commandsIn(sent)).to.deep.equal([
      'POST /v1/buckets/src?provider=ais&bck_to=ais%2F%40%23%2Frelease%2F',
      'PUT /v1/buckets/release?provider=ais',
      'DELETE /v1/buckets/data?provider=gcp',
    ])
  })

  it('neither packs nor evicts if the copy has other counts than the source', () => {
    const summary = (objects: number): object => [
      { ObjCount: { obj_count_present: String(objects) }, ObjSize: {}, TotalSize: {} },
    ]
    const { values, requests } = observe(
      {
        jobs: [{ id: ID, kind: 'copy-bck', endMs: 2_000 }],
        other: (_, { method, path, body }) => {
          if (method === 'POST') return { body: ID }
          const { uuid } = (body as { readonly value: { readonly uuid: string } }).value
          return uuid === '' ? { status: 202, body: 'summaryid' } : json(summary(path.endsWith('src') ? 120 : 119))
        },
      },
      (cluster) => release(cluster, options),
    )
    expect(values).to.deep.equal([
      { _tag: 'Right', right: 'copied' },
      { _tag: 'Left', left: { _tag: 'CountsDiffer', source: 120n, copy: 119n } },
    ])
    expect(requests.filter(({ method }) => method !== 'GET')).to.have.lengthOf(1)
  })
})

describe('the recipe of a migration', () => {
  const storeOf = (): Store & { readonly kept: string[] } => {
    const kept = ['']
    return { kept, load: () => kept.at(-1), save: (text) => void kept.push(text) }
  }
  const LAUNCH = 'POST /v1/buckets/src?provider=ais&bck_to=ais%2F%40%23%2Fdst%2F'

  it('reports the progress, and stores nothing once it has ended', () => {
    const store = storeOf()
    const values = runInEmulator(({ cluster }) => migrate(cluster, src, dst, store))
    const ratios = values.flatMap((one) =>
      one._tag === 'Right' && one.right.type === 'progressed' ? [one.right.progress.ratio] : [],
    )
    expect(ratios.at(-1)).to.equal(1)
    expect(values.at(-1)).to.have.nested.property('right.result.outcome', 'finished')
    expect(store.kept.at(-1)).to.equal('')
    expect(store.kept).to.have.lengthOf(4)
  })

  it('continues with the running copy after a restart', () => {
    const store = storeOf()
    let sent: readonly string[] = []
    const values = runInEmulator(({ cluster, lines }) => {
      sent = lines
      const copied = migrate(cluster, src, dst, store)
      return concat(copied.pipe(take(3)), copied)
    })
    expect(
      values.map((one) => one._tag === 'Right' && one.right.type).filter((type) => type !== 'progressed'),
    ).to.deep.equal(['launched', 'launched', 'ended'])
    expect(commandsIn(sent)).to.deep.equal([LAUNCH])
  })

  it('finds the copy after a restart before the reply to the launch', () => {
    const store = storeOf()
    let sent: readonly string[] = []
    const values = runInEmulator(({ cluster, lines, state }) => {
      sent = lines
      const now = (): number => Number(state.originNs / 1_000_000n)
      const copied = migrate(cluster, src, dst, store, now)
      // The launch is sent once the total is known; its reply does not arrive.
      const dies = copied.pipe(takeUntil(timer(1, 1).pipe(first(() => commandsIn(lines).length > 0))))
      return concat(dies, copied)
    })
    expect(values[0]).to.have.nested.property('right.type', 'launched')
    expect(values.at(-1)).to.have.nested.property('right.result.outcome', 'finished')
    expect(commandsIn(sent)).to.deep.equal([LAUNCH])
  })

  it('launches again if the cluster has certainly refused the launch', () => {
    const store = storeOf()
    const { values, requests } = observe({ other: () => refusal(404, 'no such bucket') }, (cluster) =>
      concat(migrate(cluster, src, dst, store), migrate(cluster, src, dst, store)),
    )
    expect(values).to.have.lengthOf(2)
    expect(requests.filter(({ method }) => method === 'POST')).to.have.lengthOf(2)
  })
})
