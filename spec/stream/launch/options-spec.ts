import { expect } from 'chai'
import type { Observable } from 'rxjs'
import type { Cluster } from '../../../lib/cluster.ts'
import type { Result } from '../../../lib/error.ts'
import * as rx from '../../../lib/index.ts'
import { sentBy } from '../../helpers/launched.ts'

// Each launch with all of its options, and the request that it sends; then the options that it refuses.

type Launch = (cluster: Cluster) => Observable<Result<unknown>>

const bucketA = { name: 'a' }
const bucketB = { name: 'b', provider: 'aws', namespace: { uuid: '', name: 'ml' } }
const cloudBucket = { name: 'g', provider: 'gcp' }
const WIRE_BUCKET_B = { name: 'b', provider: 'aws', namespace: { uuid: '', name: 'ml' } }
const twoNames = { names: ['x', 'y/z'] }
const copyOptions = {
  prepend: 'p/',
  extensions: { jpg: 'txt' },
  latest: true,
  dryRun: true,
  ignoreConflicts: true,
  continueOnError: true,
  workers: 'serial',
  recursive: false,
} as const
const copyOnTheWire = {
  prepend: 'p/',
  ext: { jpg: 'txt' },
  'latest-ver': true,
  dry_run: true,
  force: true,
  coer: true,
  'num-workers': -1,
  'non-recurs': true,
}

/** By function: a launch with all of its options, and the request line and body that it sends. */
const launches: Readonly<Record<string, readonly [launch: Launch, line: string, body: unknown]>> = {
  copyBucket: [
    (cluster) =>
      rx.copyBucket(cluster, {
        from: cloudBucket,
        to: bucketB,
        what: { prefix: 'x{0..9}' },
        include: 'all',
        ...copyOptions,
      }),
    'POST /v1/buckets/g?provider=gcp&bck_to=aws%2F%40%23ml%2Fb%2F&presence=0',
    { action: 'copy-bck', value: { ...copyOnTheWire, prefix: 'x{0..9}' } },
  ],
  'copyBucket, with deleteExtra': [
    (cluster) =>
      rx.copyBucket(cluster, {
        from: cloudBucket,
        to: bucketA,
        what: 'everything',
        deleteExtra: true,
        workers: 0,
        recursive: true,
      }),
    'POST /v1/buckets/g?provider=gcp&bck_to=ais%2F%40%23%2Fa%2F',
    { action: 'copy-bck', value: { synchronize: true, 'num-workers': 0, 'non-recurs': false } },
  ],
  transformBucket: [
    (cluster) =>
      rx.transformBucket(cluster, {
        from: bucketA,
        to: bucketA,
        dryRun: true,
        etl: 'md5',
        pipeline: ['x'],
        objectTimeoutMs: 500,
      }),
    'POST /v1/buckets/a?provider=ais&bck_to=ais%2F%40%23%2Fa%2F',
    { action: 'etl-bck', value: { id: 'md5', dry_run: true, pipeline: ['x'], request_timeout: '500ms' } },
  ],
  renameBucket: [
    (cluster) => rx.renameBucket(cluster, { from: { name: 'a', namespace: { uuid: '', name: 'ml' } }, to: 'c' }),
    'POST /v1/buckets/a?provider=ais&namespace=%40%23ml&bck_to=ais%2F%40%23ml%2Fc%2F',
    { action: 'move-bck' },
  ],
  copyObjects: [
    (cluster) => rx.copyObjects(cluster, { from: bucketA, to: bucketB, what: { prefix: 'x' }, ...copyOptions }),
    'POST /v1/buckets/a?provider=ais',
    { action: 'copy-listrange', value: { template: 'x', tobck: WIRE_BUCKET_B, ...copyOnTheWire } },
  ],
  transformObjects: [
    (cluster) => rx.transformObjects(cluster, { from: bucketA, to: bucketB, what: twoNames, etl: 'md5' }),
    'POST /v1/buckets/a?provider=ais',
    { action: 'etl-listrange', value: { objnames: ['x', 'y/z'], tobck: WIRE_BUCKET_B, id: 'md5' } },
  ],
  prefetch: [
    (cluster) =>
      rx.prefetch(cluster, {
        bucket: bucketB,
        what: { prefix: 'x/' },
        latest: true,
        continueOnError: true,
        workers: 4,
        recursive: false,
        blob: { fromBytes: 2 ** 30, chunkBytes: 2 ** 22, workers: 'serial' },
      }),
    'POST /v1/buckets/b?provider=aws&namespace=%40%23ml',
    {
      action: 'prefetch-listrange',
      value: {
        template: 'x/',
        'latest-ver': true,
        coer: true,
        'num-workers': 4,
        'non-recurs': true,
        'blob-threshold': 2 ** 30,
        'blob-chunk-size': 2 ** 22,
        'blob-num-workers': -1,
      },
    },
  ],
  evictObjects: [
    (cluster) =>
      rx.evictObjects(cluster, { bucket: cloudBucket, what: 'everything', workers: 1, continueOnError: false }),
    'DELETE /v1/buckets/g?provider=gcp',
    { action: 'evict-listrange', value: { template: '', 'num-workers': 1, coer: false } },
  ],
  deleteObjects: [
    (cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: { template: 'x{00..98..2}' } }),
    'DELETE /v1/buckets/a?provider=ais',
    { action: 'delete-listrange', value: { template: 'x{00..98..2}' } },
  ],
  evictBucket: [
    (cluster) => rx.evictBucket(cluster, { bucket: cloudBucket, keepProperties: false }),
    'DELETE /v1/buckets/g?provider=gcp',
    { action: 'evict-remote-bck' },
  ],
  archive: [
    (cluster) =>
      rx.archive(cluster, {
        from: bucketA,
        what: { prefix: 'x' },
        to: bucketB,
        name: 'o/s.tar.lz4',
        append: true,
        baseNames: true,
        bucketInNames: true,
        continueOnError: true,
        recursive: false,
      }),
    'PUT /v1/buckets/a?provider=ais',
    {
      action: 'archive',
      value: {
        template: 'x',
        archname: 'o/s.tar.lz4',
        tobck: WIRE_BUCKET_B,
        aate: true,
        bnonly: true,
        isbn: true,
        coer: true,
        'non-recurs': true,
      },
    },
  ],
  'copyObjects, within a bucket under other names': [
    (cluster) => rx.copyObjects(cluster, { from: bucketA, to: bucketA, what: twoNames, prepend: 'n/' }),
    'POST /v1/buckets/a?provider=ais',
    {
      action: 'copy-listrange',
      value: { objnames: ['x', 'y/z'], tobck: { name: 'a', provider: 'ais' }, prepend: 'n/' },
    },
  ],
  'transformObjects, within a bucket': [
    (cluster) => rx.transformObjects(cluster, { from: bucketA, to: bucketA, what: { names: ['x'] }, etl: 'md5' }),
    'POST /v1/buckets/a?provider=ais',
    { action: 'etl-listrange', value: { objnames: ['x'], tobck: { name: 'a', provider: 'ais' }, id: 'md5' } },
  ],
  'archive into its own bucket': [
    (cluster) => rx.archive(cluster, { from: bucketA, what: { names: ['x'] }, name: 's.tar' }),
    'PUT /v1/buckets/a?provider=ais',
    { action: 'archive', value: { objnames: ['x'], archname: 's.tar', tobck: { name: 'a', provider: 'ais' } } },
  ],
  mirror: [
    (cluster) => rx.mirror(cluster, { bucket: bucketA, copies: 2 }),
    'POST /v1/buckets/a?provider=ais',
    { action: 'make-n-copies', value: 2 },
  ],
  erasureCode: [
    (cluster) =>
      rx.erasureCode(cluster, {
        bucket: bucketA,
        dataSlices: 4,
        paritySlices: 2,
        mirrorBelowBytes: 4_096,
        recover: true,
      }),
    'POST /v1/buckets/a?provider=ais',
    {
      action: 'ec-encode',
      name: 'recover',
      value: '{"enabled":true,"data_slices":4,"parity_slices":2,"objsize_limit":4096}',
    },
  ],
  rechunk: [
    (cluster) =>
      rx.rechunk(cluster, { bucket: bucketA, chunkBytes: 2 ** 20, fromBytes: 0, prefix: 'x', writeBack: true }),
    'POST /v1/buckets/a?provider=ais',
    { action: 'rechunk', value: { 'objsize-limit': 0, 'chunk-size': 2 ** 20, prefix: 'x', 'sync-remote': true } },
  ],
  indexShards: [
    (cluster) => rx.indexShards(cluster, { bucket: bucketA, prefix: 'x', workers: 2, trustExisting: true }),
    'POST /v1/buckets/a?provider=ais',
    { action: 'index-shard', value: { prefix: 'x', 'num-workers': 2, 'skip-verify': true } },
  ],
  createInventory: [
    (cluster) =>
      rx.createInventory(cluster, {
        bucket: cloudBucket,
        name: 'n-1',
        prefix: 'x',
        props: ['size', 'checksum'],
        namesPerChunk: 100,
        replace: true,
      }),
    'POST /v1/buckets/g?provider=gcp',
    {
      action: 'create-inventory',
      value: { name: 'n-1', prefix: 'x', props: 'size,checksum', names_per_chunk: 100, force: true },
    },
  ],
  promote: [
    (cluster) =>
      rx.promote(cluster, {
        bucket: bucketA,
        source: '/var/lib/ais/promote/x',
        prefix: 'p/',
        target: 't1',
        recursive: true,
        overwrite: true,
        deleteSource: false,
        notShared: true,
      }),
    'POST /v1/objects/a?provider=ais',
    {
      action: 'promote',
      name: '/var/lib/ais/promote/x',
      value: { src: '/var/lib/ais/promote/x', obj: 'p/', tid: 't1', rcr: true, ovw: true, dls: false, notshr: true },
    },
  ],
  blobDownload: [
    (cluster) =>
      rx.blobDownload(cluster, {
        bucket: cloudBucket,
        object: 'x/y',
        chunkBytes: 2 ** 20,
        workers: 'serial',
        latest: true,
        chunkTimeoutMs: 60_000,
      }),
    'POST /v1/objects/g?provider=gcp',
    {
      action: 'blob-download',
      name: 'x/y',
      value: { 'chunk-size': 2 ** 20, 'num-workers': -1, 'latest-ver': true, 'chunk-read-timeout': '60000ms' },
    },
  ],
  command: [
    (cluster) =>
      rx.command(cluster, {
        method: 'PATCH',
        path: '/v1/buckets/a',
        query: 'provider=ais',
        action: 'new',
        value: [1],
        name: 'n',
      }),
    'PATCH /v1/buckets/a?provider=ais',
    { action: 'new', value: [1], name: 'n' },
  ],
}

/** A value that contains itself. */
function circular(): unknown {
  const value: { self?: unknown } = {}
  value.self = value
  return value
}

describe('a launch', () => {
  for (const [name, [launch, line, body]] of Object.entries(launches))
    it(`${name} sends each option under the name that the server reads`, () => {
      const { requests } = sentBy(launch, { body: 'oFIsIapbT' })
      const [first] = requests
      expect(`${first?.method ?? ''} ${first?.path ?? ''}?${first?.query ?? ''}`).to.equal(line)
      expect(first?.body).to.deep.equal(body)
      expect(requests).to.have.lengthOf(1)
    })

  it('sends no option that the caller has not set, since an older server refuses keys that it does not know', () => {
    const { requests } = sentBy(
      (cluster) => rx.copyBucket(cluster, { from: bucketA, to: bucketB, latest: undefined }),
      {
        body: 'oFIsIapbT',
      },
    )
    expect(requests[0]?.body).to.deep.equal({ action: 'copy-bck', value: {} })
  })
})

/** By reason: launches that are refused before anything is sent, and the invalid argument. */
const refused: Readonly<Record<string, readonly (readonly [argument: string, launch: Launch])[]>> = {
  'an empty selection, which would mean every object (T13)': [
    ['what.names', (cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: { names: [] } })],
    ['what.prefix', (cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: { prefix: '' } })],
    ['what.template', (cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: { template: '' } })],
    ['what.template', (cluster) => rx.evictObjects(cluster, { bucket: cloudBucket, what: { template: '*' } })],
    ['what', (cluster) => rx.deleteObjects(cluster, { bucket: bucketA } as never)],
    ['what', (cluster) => rx.prefetch(cluster, { bucket: cloudBucket, what: {} } as never)],
    ['what', (cluster) => rx.copyObjects(cluster, { from: bucketA, to: bucketB, what: '' } as never)],
    ['what', (cluster) => rx.archive(cluster, { from: bucketA, what: [], name: 'x.tar' } as never)],
    ['what', (cluster) => rx.copyBucket(cluster, { from: bucketA, to: bucketB, deleteExtra: true })],
    [
      'value',
      (cluster) =>
        rx.command(cluster, { method: 'DELETE', path: '/v1/buckets/a', action: 'delete-listrange', value: {} }),
    ],
    [
      'value',
      (cluster) =>
        rx.command(cluster, { method: 'PUT', path: '/v1/buckets/a', action: 'archive', value: { objnames: [] } }),
    ],
  ],
  'a selection that the server reads in another way': [
    ['what.template', (cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: { template: 'logs' } })],
    ['what.template', (cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: { template: 'x{9..0}' } })],
    ['what.template', (cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: { template: 'x{0..9..0}' } })],
    ['what.template', (cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: { template: 'x{0..9' } })],
    ['what.prefix', (cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: { prefix: 'x{0..9}' } })],
    ['what.prefix', (cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: { prefix: 'x@9' } })],
    ['what.prefix', (cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: { prefix: 'x*' } })],
    ['what.names', (cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: { names: ['x', '../y'] } })],
    ['what', (cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: { names: ['x'], prefix: 'y' } })],
    [
      'recursive',
      (cluster) => rx.deleteObjects(cluster, { bucket: bucketA, what: { names: ['x'] }, recursive: false }),
    ],
    [
      'recursive',
      (cluster) => rx.evictObjects(cluster, { bucket: cloudBucket, what: { template: 'x@9' }, recursive: true }),
    ],
    [
      'recursive',
      (cluster) => rx.copyObjects(cluster, { from: bucketA, to: bucketB, what: twoNames, recursive: false }),
    ],
    ['recursive', (cluster) => rx.archive(cluster, { from: bucketA, what: twoNames, name: 'x.tar', recursive: false })],
  ],
  'a request that brings servers down (T3)': [
    ['bucket', (cluster) => rx.createInventory(cluster, { bucket: bucketA })],
    ['bucket', (cluster) => rx.prefetch(cluster, { what: { names: ['x'] } } as never)],
    ['action', (cluster) => rx.command(cluster, { method: 'POST', path: '/v1/buckets/a', action: 'create-inventory' })],
    [
      'action',
      (cluster) =>
        rx.command(cluster, {
          method: 'PUT',
          path: '/v1/cluster',
          action: 'start',
          value: { Kind: 'create-inventory', Bck: bucketA },
        }),
    ],
    [
      'value',
      (cluster) =>
        rx.command(cluster, {
          method: 'PUT',
          path: '/v1/cluster',
          action: 'start',
          value: { kind: 'prefetch-objects' },
        }),
    ],
  ],
  'an option that it does not know, since a misspelt dryRun would start the real job': [
    ['dryrun', (cluster) => rx.copyBucket(cluster, { from: bucketA, to: bucketB, dryrun: true } as never)],
    [
      'blob.fromByte',
      (cluster) =>
        rx.prefetch(cluster, { bucket: cloudBucket, what: twoNames, blob: { fromBytes: 1, fromByte: 1 } as never }),
    ],
    ['etl', (cluster) => rx.copyBucket(cluster, { from: bucketA, to: bucketB, etl: 'md5' } as never)],
    ['options', (cluster) => rx.copyBucket(cluster, undefined as never)],
  ],
  'what the server would refuse': [
    ['to', (cluster) => rx.copyBucket(cluster, { from: bucketA, to: { name: 'a', provider: 'ais' } })],
    ['to', (cluster) => rx.copyBucket(cluster, { from: bucketA, to: bucketA, prepend: 'x/' })],
    ['to', (cluster) => rx.copyObjects(cluster, { from: bucketA, to: bucketA, what: twoNames })],
    [
      'prepend',
      (cluster) =>
        rx.copyBucket(cluster, { from: bucketA, to: bucketB, what: 'everything', deleteExtra: true, prepend: 'x' }),
    ],
    ['what', (cluster) => rx.copyBucket(cluster, { from: bucketA, to: bucketB, what: twoNames as never })],
    ['include', (cluster) => rx.copyBucket(cluster, { from: bucketA, to: bucketB, include: 'none' as never })],
    ['from', (cluster) => rx.renameBucket(cluster, { from: cloudBucket, to: 'x' })],
    ['to', (cluster) => rx.renameBucket(cluster, { from: bucketA, to: 'a' })],
    ['to', (cluster) => rx.renameBucket(cluster, { from: bucketA, to: 'a/b' })],
    ['bucket', (cluster) => rx.prefetch(cluster, { bucket: bucketA, what: twoNames })],
    ['bucket', (cluster) => rx.evictObjects(cluster, { bucket: { name: 'a', provider: 'ais' }, what: twoNames })],
    ['bucket', (cluster) => rx.evictBucket(cluster, { bucket: bucketA, keepProperties: true })],
    ['keepProperties', (cluster) => rx.evictBucket(cluster, { bucket: cloudBucket } as never)],
    ['name', (cluster) => rx.archive(cluster, { from: bucketA, what: twoNames, name: 'x.rar' })],
    ['copies', (cluster) => rx.mirror(cluster, { bucket: bucketA, copies: 0 })],
    ['dataSlices', (cluster) => rx.erasureCode(cluster, { bucket: bucketA, dataSlices: 0, paritySlices: 1 })],
    ['chunkBytes', (cluster) => rx.rechunk(cluster, { bucket: bucketA, chunkBytes: 0, fromBytes: 0 })],
    ['workers', (cluster) => rx.indexShards(cluster, { bucket: bucketA, workers: -1 })],
    ['props', (cluster) => rx.createInventory(cluster, { bucket: cloudBucket, props: [] })],
    ['source', (cluster) => rx.promote(cluster, { bucket: bucketA, source: 'x' })],
    ['chunkBytes', (cluster) => rx.blobDownload(cluster, { bucket: cloudBucket, object: 'x', chunkBytes: 2 ** 25 })],
    ['bucket', (cluster) => rx.blobDownload(cluster, { bucket: bucketA, object: 'x' })],
    ['pipeline', (cluster) => rx.transformBucket(cluster, { from: bucketA, to: bucketB, etl: 'x', pipeline: [] })],
    ['extensions', (cluster) => rx.copyBucket(cluster, { from: bucketA, to: bucketB, extensions: {} })],
    [
      'objectTimeoutMs',
      (cluster) =>
        rx.transformObjects(cluster, { from: bucketA, to: bucketB, what: twoNames, etl: 'x', objectTimeoutMs: 0.5 }),
    ],
    ['method', (cluster) => rx.command(cluster, { method: 'GET' as never, path: '/v1/x', action: 'x' })],
    ['path', (cluster) => rx.command(cluster, { method: 'PUT', path: '/v2/x', action: 'x' })],
    ['value', (cluster) => rx.command(cluster, { method: 'PUT', path: '/v1/x', action: 'x', value: circular() })],
  ],
}

describe('poll refuses before anything is sent', () => {
  for (const [name, [launch]] of Object.entries(launches))
    it(`to repeat ${name}, because each repetition would start another job`, () => {
      const { result, requests } = sentBy((cluster) => launch(cluster).pipe(rx.poll(rx.constant(1_000))), {
        body: 'oFIsIapbT',
      })
      expect(result).to.nested.include({ 'left._tag': 'InvalidArgument', 'left.argument': 'source' })
      expect(requests).to.deep.equal([])
    })
})

describe('a launch refuses before anything is sent', () => {
  for (const [why, cases] of Object.entries(refused))
    it(why, () => {
      for (const [argument, launch] of cases) {
        const { result, requests } = sentBy(launch, { body: 'oFIsIapbT' })
        expect(result).to.nested.include({ 'left._tag': 'InvalidArgument', 'left.mayHaveStarted': false })
        expect(result).to.have.nested.property('left.argument', argument)
        expect(requests).to.deep.equal([])
      }
    })
})
