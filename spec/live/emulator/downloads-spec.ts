import { createServer } from 'node:http'
import { expect } from 'chai'
import { exhaustMap, first, firstValueFrom, lastValueFrom, timer } from 'rxjs'
import { constant } from '../../../lib/cadence.ts'
import { startEmulator } from '../../../lib/emulator/start-emulator.ts'
import type { Emulator } from '../../../lib/emulator/emulator.ts'
import { closeServers, listen } from '../helpers/listening.ts'
import { sendRequest } from './wire.ts'
import {
  abortDownload,
  andThen,
  createCluster,
  download,
  downloads,
  downloadStatus,
  orThrow,
  wait,
  type Cluster,
  type DownloadStatus,
  type WaitResult,
} from '../../../lib/index.ts'

// Downloads of the emulator over real HTTP.

const destination = { name: 'shards' }
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

  const runDownload = (description: string): Promise<WaitResult> =>
    lastValueFrom(
      download(cluster, { to: destination, what: { template }, description }).pipe(
        andThen((started) => wait(cluster, started)),
        orThrow(),
      ),
    )

  it('finish if all links work, and fail if one is broken, until the faults are cleared', async () => {
    expect(await runDownload('well')).to.include({ outcome: 'finished', kind: 'download' })
    emulator.faults.breakLinks(/-07\.tar$/, 'gone')
    emulator.faults.breakLinks('https://example.com/shard-08.tar')
    const { outcome, files } = await runDownload('broken')
    expect(outcome).to.equal('failed')
    expect(files).to.deep.equal([
      { name: 'shard-07.tar', error: 'gone' },
      { name: 'shard-08.tar', error: 'request failed with 404 status code (Not Found)' },
    ])
    emulator.faults.clear()
    expect(await runDownload('mended')).to.include({ outcome: 'finished' })
    const listed = await lastValueFrom(downloads(cluster, { description: /ed$/ }).pipe(orThrow()))
    expect(listed.map(({ description }) => description)).to.deep.equal(['mended'])
  })

  describe('from loopback', () => {
    let links: string
    let requestedPaths: string[]

    beforeEach(async () => {
      requestedPaths = []
      const web = createServer((request, response) => {
        const { url = '' } = request
        requestedPaths.push(url)
        if (url === '/moved') response.writeHead(302, { location: '/a.bin' }).end()
        else if (url === '/away') response.writeHead(302, { location: 'http://10.0.0.1/a.bin' }).end()
        else if (url === '/slow.bin') response.write('begun')
        else if (url.endsWith('.bin')) response.end(`content of ${url}`)
        else response.writeHead(url === '/broken' ? 500 : 404).end()
      })
      links = `http://127.0.0.1:${(await listen(web)).port}`
    })

    afterEach(closeServers)

    /** Runs `use` with an emulator that may fetch from loopback addresses, and with a cluster value for it. */
    const withLoopback = async (use: (open: Emulator, openCluster: Cluster) => Promise<void>): Promise<void> => {
      const open = await startEmulator({ seed: 1, speed: 20, allowLoopback: true })
      const openCluster = createCluster(open.endpoint, { cadence: constant(50) })
      try {
        await use(open, openCluster)
      } finally {
        await openCluster.close()
        await open.close()
      }
    }

    /** The names of the objects in the bucket. */
    const objectNames = async ({ endpoint }: Emulator): Promise<readonly string[]> => {
      const body = JSON.stringify({ action: 'list', value: { props: 'name' } })
      const reply = await sendRequest(`${endpoint}/v1/buckets/shards?provider=ais`, { body })
      const { entries } = JSON.parse(reply.body) as {
        entries: readonly { name: string }[] | null
      }
      return (entries ?? []).map(({ name }) => name)
    }

    it('bring the contents of their links into the bucket, and nothing of a link that fails', async () =>
      withLoopback(async (open, openCluster) => {
        const gone = await startEmulator({ seed: 2 })
        await gone.close()
        const what = {
          links: {
            a: `${links}/a.bin`,
            b: `${links}/moved`,
            c: `${links}/nosuch`,
            d: `${links}/broken`,
            e: `${gone.endpoint}/x`,
            f: `${links}/away`,
            g: 'https://example.com/made-up',
          },
        }
        const { outcome, files } = await lastValueFrom(
          download(openCluster, { to: destination, what }).pipe(
            andThen((started) => wait(openCluster, started)),
            orThrow(),
          ),
        )
        expect(outcome).to.equal('failed')
        expect(files).to.deep.equal([
          { name: 'c', error: `ErrNotFound: ${links}/nosuch does not exist` },
          { name: 'd', error: `failed to download "${links}/broken": status 500` },
          {
            name: 'e',
            error: `Get "${gone.endpoint}/x": dial tcp ${new URL(gone.endpoint).host}: connect: connection refused`,
          },
          {
            name: 'f',
            error:
              'Get "http://10.0.0.1/a.bin": dial tcp 10.0.0.1:80: the emulator fetches from loopback addresses only',
          },
        ])
        expect(await objectNames(open)).to.deep.equal(['a', 'b', 'g'])
        for (const name of ['a', 'b']) {
          const object = await fetch(`${open.endpoint}/v1/objects/shards/${name}?provider=ais`)
          expect(await object.text()).to.equal('content of /a.bin')
        }
      }))

    it('show what has arrived of a file, and end when they are aborted', async () =>
      withLoopback(async (open, openCluster) => {
        const started = await lastValueFrom(
          download(openCluster, {
            to: destination,
            what: { links: { s: `${links}/slow.bin`, a: `${links}/a.bin` } },
          }).pipe(orThrow()),
        )
        const id = started.id
        const shown = timer(0, 20).pipe(exhaustMap(() => downloadStatus(openCluster, id).pipe(orThrow())))
        const hasBegun = ({ currentTasks }: DownloadStatus): boolean =>
          currentTasks.some(({ name, downloaded }) => name === 's' && downloaded === 5n)
        await firstValueFrom(shown.pipe(first(hasBegun)))
        await lastValueFrom(abortDownload(openCluster, id).pipe(orThrow()))
        const { outcome } = await lastValueFrom(wait(openCluster, started).pipe(orThrow()))
        expect(outcome).to.equal('aborted')
        expect(await objectNames(open)).to.not.include('s')
      }))

    it('fail without a request unless the emulator may fetch from loopback', async () => {
      const { outcome } = await lastValueFrom(
        download(cluster, { to: destination, what: { link: `${links}/a.bin` } }).pipe(
          andThen((started) => wait(cluster, started)),
          orThrow(),
        ),
      )
      expect(outcome).to.equal('failed')
      expect(requestedPaths).to.deep.equal([])
    })
  })

  it('take the time for each file that the option fileMs sets', async () => {
    const quick = await startEmulator({ seed: 1, fileMs: 0 })
    const quickCluster = createCluster(quick.endpoint, { cadence: constant(50) })
    const sinceMs = performance.now()
    const { outcome } = await lastValueFrom(
      download(quickCluster, { to: destination, what: { template } }).pipe(
        andThen((started) => wait(quickCluster, started)),
        orThrow(),
      ),
    )
    expect(outcome).to.equal('finished')
    expect(performance.now() - sinceMs).to.be.within(800, 4_000)
    await quickCluster.close()
    await quick.close()
  })
})
