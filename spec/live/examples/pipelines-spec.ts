import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { constant, createCluster, isLeft, start, wait } from 'aistore-rx'
import { startEmulator, type Emulator } from 'aistore-rx/emulator'
import { expect } from 'chai'
import { firstValueFrom } from 'rxjs'
import { jobsFeed } from '../../../examples/express-sse.ts'
import { main as ndjsonGzip } from '../../../examples/ndjson-gzip.ts'
import { closeServers, listen } from '../helpers/listening.ts'
import { until } from '../helpers/until.ts'

// Runs `examples/ndjson-gzip.ts` and `examples/express-sse.ts` against an emulator.

describe('the examples of Node pipelines', () => {
  let emulator: Emulator
  beforeEach(async () => {
    emulator = await startEmulator({ seed: 7, objectsPerSecond: 300 })
    emulator.seedBucket('photos', { objects: 300, objectSize: 1 })
  })
  afterEach(async () => {
    await closeServers()
    await emulator.close()
  })
  const cluster = () => createCluster(emulator.endpoint, { cadence: constant(100) })

  it('write the events of a job to a compressed file, which is complete when the signal fires', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aistore-rx-'))
    try {
      const file = join(folder, 'events.ndjson.gz')
      const stop = new AbortController()
      const written = ndjsonGzip(cluster(), file, stop.signal)
      await until(() => emulator.requests.count(({ method }) => method === 'GET') > 0)
      const job = await firstValueFrom(start(cluster(), { kind: 'load-lom-cache', bucket: { name: 'photos' } }))
      if (isLeft(job)) throw new Error(job.left._tag)
      await firstValueFrom(wait(cluster(), job.right))
      await new Promise((done) => setTimeout(done, 1_000))
      stop.abort()
      await written
      const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n')
      const events = lines.map((line) => JSON.parse(line) as { readonly type: string; readonly job: { id: string } })
      expect(events.filter(({ job: { id } }) => id === job.right.id).map(({ type }) => type)).to.include.members([
        'started',
        'finished',
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('send the table to fifty pages by one poll of the cluster', async () => {
    await firstValueFrom(start(cluster(), { kind: 'load-lom-cache', bucket: { name: 'photos' } }))
    const { port } = await listen(createServer(jobsFeed(cluster(), 0).node))
    const texts = Array.from({ length: 50 }, () => '')
    const before = emulator.requests.count(() => true)
    const pages = texts.map((_, page) => {
      const request = get({ port, path: '/jobs', host: '127.0.0.1', agent: false }, (response) => {
        response
          .on('data', (chunk: Buffer) => (texts[page] = `${texts[page] ?? ''}${chunk.toString()}`))
          .on('error', () => undefined)
      })
      return request.on('error', () => undefined)
    })
    await until(() => texts.every((text) => text.includes('"kind":"load-lom-cache"')))
    for (const page of pages) page.destroy()
    // Without sharing, each page would have sent at least one request.
    expect(emulator.requests.count(() => true) - before).to.be.below(50)
  })
})
