import { expect } from 'chai'
import { lastValueFrom } from 'rxjs'
import { constant } from '../../../lib/cadence.ts'
import { startEmulator } from '../../../lib/emulator/start-emulator.ts'
import type { Emulator } from '../../../lib/emulator/emulator.ts'
import {
  andThen,
  createCluster,
  download,
  downloads,
  orThrow,
  wait,
  type Cluster,
  type WaitResult,
} from '../../../lib/index.ts'

const to = { name: 'shards' }
const template = 'https://example.com/shard-{00..29}.tar'

describe('downloads over HTTP', () => {
  let emulator: Emulator
  let cluster: Cluster

  beforeEach(async () => {
    emulator = await startEmulator({ seed: 1, speed: 20, proxies: 5 })
    // A proxy outside of the Information Center redirects requests for one download.
    cluster = createCluster(emulator.endpoints.slice(4), { cadence: constant(50) })
  })

  afterEach(async () => {
    await cluster.close()
    await emulator.close()
  })

  const run = (description: string): Promise<WaitResult> =>
    lastValueFrom(
      download(cluster, { to, what: { template }, description }).pipe(
        andThen((started) => wait(cluster, started)),
        orThrow(),
      ),
    )

  it('finish if all links work, and fail if one is broken, until the faults are cleared', async () => {
    expect(await run('well')).to.include({ outcome: 'finished', kind: 'download' })
    emulator.faults.breakLinks(/-07\.tar$/, 'gone')
    emulator.faults.breakLinks('https://example.com/shard-08.tar')
    const { outcome, files } = await run('broken')
    expect(outcome).to.equal('failed')
    expect(files).to.deep.equal([
      { name: 'shard-07.tar', error: 'gone' },
      { name: 'shard-08.tar', error: 'request failed with 404 status code (Not Found)' },
    ])
    emulator.faults.clear()
    expect(await run('mended')).to.include({ outcome: 'finished' })
    const listed = await lastValueFrom(downloads(cluster, { description: /ed$/ }).pipe(orThrow()))
    expect(listed.map(({ description }) => description)).to.deep.equal(['mended'])
  })

  it('take the time for each file that the emulator was given', async () => {
    const quick = await startEmulator({ seed: 1, fileMs: 0 })
    const own = createCluster(quick.endpoint, { cadence: constant(50) })
    const sinceMs = performance.now()
    const { outcome } = await lastValueFrom(
      download(own, { to, what: { template } }).pipe(
        andThen((started) => wait(own, started)),
        orThrow(),
      ),
    )
    expect(outcome).to.equal('finished')
    expect(performance.now() - sinceMs).to.be.within(800, 4_000)
    await own.close()
    await quick.close()
  })
})
