import { execFile } from 'node:child_process'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { expect } from 'chai'
import type { Observable } from 'rxjs'
import { pythonWithSdk } from '../../scripts/python-sdk.ts'
import type { Cluster } from '../../lib/cluster.ts'
import * as rx from '../../lib/index.ts'
import type { Result } from '../../lib/error.ts'
import { meaningOf, sentBy, type Meaning } from '../helpers/launched.ts'

const run = promisify(execFile)
const root = new URL('../../', import.meta.url).pathname

const src = { name: 'src' }
const dst = { name: 'dst' }
const cloud = { name: 'data', provider: 'gcp' }
const names = { names: ['a', 'b/c'] }
const some = { template: 'o-{000..009..2}.tar' }
const prefix = { prefix: 'a/' }

/** The same launches, in the order of the Python program. */
const LAUNCHES: Readonly<Record<string, (cluster: Cluster) => Observable<Result<unknown>>>> = {
  'Bucket.copy': (cluster) => rx.copyBucket(cluster, { from: src, to: dst }),
  'Bucket.copy, a dry run': (cluster) =>
    rx.copyBucket(cluster, {
      from: src,
      to: dst,
      what: prefix,
      prepend: 'p/',
      extensions: { jpg: 'txt' },
      dryRun: true,
      ignoreConflicts: true,
      workers: 'serial',
    }),
  'Bucket.copy, synchronizing': (cluster) =>
    rx.copyBucket(cluster, { from: src, to: dst, what: 'everything', latest: true, deleteExtra: true }),
  'Bucket.rename': (cluster) => rx.renameBucket(cluster, { from: src, to: 'other' }),
  'Bucket.transform': (cluster) =>
    rx.transformBucket(cluster, {
      from: src,
      to: dst,
      etl: 'md5',
      objectTimeoutMs: 30_000,
      what: prefix,
      continueOnError: true,
      pipeline: ['x'],
    }),
  'Bucket.evict, keeping properties': (cluster) => rx.evictBucket(cluster, { bucket: cloud, keepProperties: true }),
  'Bucket.evict': (cluster) => rx.evictBucket(cluster, { bucket: cloud, keepProperties: false }),
  'Bucket.create_inventory': (cluster) =>
    rx.createInventory(cluster, {
      bucket: cloud,
      name: 'n-1',
      prefix: 'a/',
      props: ['size', 'checksum'],
      namesPerChunk: 100,
      replace: true,
    }),
  'ObjectGroup.copy': (cluster) =>
    rx.copyObjects(cluster, { from: src, to: dst, what: names, prepend: 'p/', continueOnError: true, workers: 4 }),
  'ObjectGroup.copy, of a range': (cluster) => rx.copyObjects(cluster, { from: src, to: dst, what: some }),
  'ObjectGroup.transform': (cluster) =>
    rx.transformObjects(cluster, {
      from: src,
      to: dst,
      what: some,
      etl: 'md5',
      objectTimeoutMs: 30_000,
      extensions: { jpg: 'txt' },
    }),
  'ObjectGroup.delete': (cluster) => rx.deleteObjects(cluster, { bucket: src, what: names }),
  'ObjectGroup.delete, of a range': (cluster) => rx.deleteObjects(cluster, { bucket: src, what: some }),
  'ObjectGroup.prefetch': (cluster) =>
    rx.prefetch(cluster, {
      bucket: cloud,
      what: names,
      blob: { fromBytes: 2 ** 30 },
      workers: 4,
      latest: true,
      continueOnError: true,
    }),
  'ObjectGroup.evict': (cluster) => rx.evictObjects(cluster, { bucket: cloud, what: names }),
  'ObjectGroup.archive': (cluster) =>
    rx.archive(cluster, {
      from: src,
      what: some,
      name: 'x.tar',
      to: dst,
      bucketInNames: true,
      append: true,
      continueOnError: true,
    }),
  'Object.promote': (cluster) =>
    rx.promote(cluster, {
      bucket: src,
      source: '/var/lib/ais/promote/x',
      prefix: 'p/',
      target: 't1',
      recursive: true,
      overwrite: true,
      notShared: true,
    }),
  'Object.blob_download': (cluster) =>
    rx.blobDownload(cluster, { bucket: cloud, object: 'big', chunkBytes: 2 ** 20, workers: 4, latest: true }),
}

describe('launches of the official Python SDK', function () {
  this.timeout(120_000)
  const sent: Meaning[] = []

  const record = async (request: IncomingMessage): Promise<void> => {
    const { method = '', url = '' } = request
    const body = await text(request)
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    if (method !== 'GET' && method !== 'HEAD')
      sent.push(
        meaningOf(method, pathname, searchParams.toString(), body === '' ? undefined : (JSON.parse(body) as unknown)),
      )
  }

  before(async () => {
    const python = await pythonWithSdk()
    const server = createServer((request, response) => {
      void record(request).then(() => response.end('oFIsIapbT'))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await run(python, [`${root}spec/live/python-sdk-launches.py`, `http://127.0.0.1:${port}`], { timeout: 60_000 })
    server.closeAllConnections()
    server.close()
  })

  it('are as many as those of this spec', () => expect(sent).to.have.lengthOf(Object.keys(LAUNCHES).length))

  Object.entries(LAUNCHES).forEach(([name, launch], nth) =>
    it(`mean the same as the launches of this library: ${name}`, () => {
      expect(sentBy(launch, { body: 'oFIsIapbT' }).meaning).to.deep.equal(sent[nth])
    }),
  )
})
