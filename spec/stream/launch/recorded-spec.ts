import { expect } from 'chai'
import type { Observable } from 'rxjs'
import type { Cluster } from '../../../lib/cluster.ts'
import { isLeft } from '../../../lib/common/either.ts'
import type { Result } from '../../../lib/error.ts'
import { copyBucket, renameBucket } from '../../../lib/launch/copy-bucket.ts'
import { erasureCode, indexShards, mirror } from '../../../lib/launch/layout-jobs.ts'
import { deleteObjects, evictObjects, prefetch } from '../../../lib/launch/object-jobs.ts'
import { start } from '../../../lib/commands.ts'
import { details, status } from '../../../lib/queries.ts'
import { command } from '../../../lib/launch/command.ts'
import { archive } from '../../../lib/launch/archive.ts'
import { blobDownload, evictBucket, promote } from '../../../lib/launch/remote-jobs.ts'
import { capture } from '../../emulator/capture.ts'
import { launchCapture, launchErrorOf, recordedMeaning, sentBy, type LaunchExchange } from '../../helpers/launched.ts'

// Launches that a real cluster has recorded: each sends the recorded request and reads the recorded reply.

type Launch = (cluster: Cluster) => Observable<Result<unknown>>

const source = { name: 'l-src-l10893' }
const destination = { name: 'l-dst-l10893' }
const missingBucket = { name: 'nosuchbucket' }
const remote = { name: 'rb', provider: 'ais', namespace: { uuid: 'FqG3gf8Af', name: '' } }
const promoteOptions = { bucket: source, prefix: 'p/', recursive: true }

/** The launch for each recorded request, by recording and index. A text explains why there is no launch. */
const LAUNCHES: Readonly<Record<string, Readonly<Record<number, Launch | string>>>> = {
  'copy-bucket': {
    0: (cluster) => copyBucket(cluster, { from: source, to: destination }),
    1: (cluster) =>
      copyBucket(cluster, { from: source, to: destination, what: { prefix: 'o00' }, prepend: 'p/', dryRun: true }),
    2: (cluster) => copyBucket(cluster, { from: missingBucket, to: destination }),
    3: 'refused locally: there is no destination',
    4: 'refused locally: onto itself',
  },
  'copy-bucket-while-one-runs': {
    0: (cluster) => copyBucket(cluster, { from: { name: 'seed' }, to: { name: 'l-c2-l10893' } }),
    1: (cluster) => copyBucket(cluster, { from: { name: 'seed' }, to: { name: 'l-c2-l10893' } }),
    2: (cluster) => renameBucket(cluster, { from: { name: 'seed' }, to: 'mv-l10893' }),
    3: 'a stop',
    4: 'no job',
  },
  'delete-objects': {
    0: (cluster) => deleteObjects(cluster, { bucket: source, what: { names: ['o050', 'o051', 'nosuch'] } }),
    1: (cluster) => deleteObjects(cluster, { bucket: source, what: { template: 'o{052..055}' } }),
  },
  'ec-encode': {
    0: 'no job',
    1: (cluster) => erasureCode(cluster, { bucket: { name: 'l-ec-l10893' }, dataSlices: 1, paritySlices: 1 }),
    2: 'never sent: an object in place of a text',
    3: (cluster) => erasureCode(cluster, { bucket: source, dataSlices: 5, paritySlices: 5 }),
  },
  'evict-bucket': { 0: (cluster) => evictBucket(cluster, { bucket: remote, keepProperties: true }) },
  'index-shard': { 0: (cluster) => indexShards(cluster, { bucket: { name: 'l-arch-l10893' } }) },
  'prefetch-list': {
    0: (cluster) => prefetch(cluster, { bucket: remote, what: { names: ['o000001', 'o000002'] } }),
    1: (cluster) => prefetch(cluster, { bucket: remote, what: { names: ['nosuch'] }, continueOnError: true }),
    2: 'refused locally: not remote',
  },
  promote: {
    0: (cluster) => promote(cluster, { ...promoteOptions, source: '/var/lib/ais/promote/x' }),
    1: (cluster) => promote(cluster, { ...promoteOptions, source: '/data/launch' }),
  },
  'rename-bucket': {
    0: (cluster) => renameBucket(cluster, { from: destination, to: 'l-mv-l10893' }),
    1: (cluster) => renameBucket(cluster, { from: { name: 'ck-l10893' }, to: 'l-mv2-l10893' }),
    2: (cluster) => renameBucket(cluster, { from: missingBucket, to: 'zz-l10893' }),
  },
  'blob-download': {
    0: (cluster) => evictObjects(cluster, { bucket: remote, what: { names: ['o000005', 'o000006'] } }),
    1: (cluster) =>
      blobDownload(cluster, { bucket: remote, object: 'o000005', latest: true, chunkBytes: 1_048_576, workers: 2 }),
    2: 'the same after its redirect',
    3: 'the generic start',
    4: (cluster) => blobDownload(cluster, { bucket: remote, object: 'nosuch' }),
    5: 'the same after its redirect',
  },
}

const PROPS = { method: 'PATCH', query: 'provider=ais' } as const
const shards = { ...PROPS, path: '/v1/buckets/l-arch-l10893' }

/** The launches for recorded requests that have no function of their own. */
const OTHER_LAUNCHES: typeof LAUNCHES = {
  'set-props': {
    0: (cluster) => {
      const value = { mirror: { enabled: true, copies: 2 } }
      return command(cluster, { ...shards, action: 'set-bprops', value, kind: 'make-n-copies' })
    },
    1: (cluster) => command(cluster, { ...shards, action: 'set-bprops', value: { nosuch: 1 } }),
    2: (cluster) => command(cluster, { ...shards, action: 'reset-bprops' }),
  },
  'rebalance-resilver-lru-start': {
    0: (cluster) => start(cluster, { kind: 'lru' }),
    1: (cluster) => start(cluster, { kind: 'load-lom-cache', bucket: source }),
  },
}

/** The reply to a recorded request; a redirect has the reply of the target. */
const replyTo = (exchanges: readonly LaunchExchange[], nth: number): { status: number; body: string } => {
  const { status, response_body: body } = exchanges[nth] as LaunchExchange
  return status === 307 ? replyTo(exchanges, nth + 1) : { status, body: body ?? '' }
}

/** The commands of a recording. Queries about jobs are not launches. */
const commandsIn = (name: string): readonly LaunchExchange[] =>
  launchCapture(name).filter(({ query }) => !query.startsWith('what='))

describe('launches as a real cluster has recorded them', () => {
  for (const [name, cases] of Object.entries({ ...LAUNCHES, ...OTHER_LAUNCHES })) {
    const exchanges = commandsIn(name)

    it(`${name}: has a case for each command`, () => {
      expect(Object.keys(cases).map(Number)).to.deep.equal([...exchanges.keys()])
    })

    for (const [nth, launch] of Object.entries(cases)) {
      const exchange = exchanges[Number(nth)] as LaunchExchange
      if (typeof launch === 'string') continue
      it(`${name}: sends the recorded request ${nth} once, and reads its reply (${exchange.status})`, () => {
        const reply = replyTo(exchanges, Number(nth))
        const { result, meaning, requests } = sentBy(launch, reply)
        expect(meaning).to.deep.equal(recordedMeaning(exchange))
        expect(requests).to.have.lengthOf(1)
        if (reply.status === 200) expect(isLeft(result)).to.equal(false)
        else {
          expect(launchErrorOf(result).mayHaveStarted).to.equal(false)
          expect(launchErrorOf(result)._tag).to.equal(reply.status === 404 ? 'NotFound' : 'HttpError')
        }
      })
    }
  }

  for (const name of [...Object.keys(LAUNCHES), ...Object.keys(OTHER_LAUNCHES)])
    for (const [nth, exchange] of launchCapture(name).entries()) {
      const { query, request_body: body, response_body, status: code } = exchange
      if (code !== 200 || (query !== 'what=status' && query !== 'what=qryxstats')) continue
      it(`${name}: reads what the cluster reports of the job (${nth})`, () => {
        const selector = JSON.parse(body ?? '') as { readonly id?: string; readonly kind?: string }
        const launch: Launch = (cluster) =>
          query === 'what=status' ? status(cluster, selector) : details(cluster, selector)
        const { result, meaning } = sentBy(launch, { body: response_body ?? '' })
        expect(meaning).to.deep.equal(recordedMeaning(exchange))
        expect(result).to.have.property('_tag', 'Right')
      })
    }

  /** The request of the Python SDK for the same launch. It also has options that the caller has not set. */
  const bySdk: readonly (readonly [name: string, action: string, launch: Launch])[] = [
    [
      'sdk-archive-wait-idle',
      'archive',
      (cluster) =>
        archive(cluster, {
          from: { name: 'cap-big' },
          to: { name: 'cap-cptest' },
          what: { template: 'obj-{00000..00999..1}' },
          name: 'arch1.tar',
        }),
    ],
    [
      'sdk-copy-bucket-wait',
      'copy-bck',
      (cluster) => copyBucket(cluster, { from: { name: 'cap-big' }, to: { name: 'cap-cp1' } }),
    ],
    [
      'sdk-delete-objects-wait',
      'delete-listrange',
      (cluster) => deleteObjects(cluster, { bucket: { name: 'cap-cp1' }, what: { template: 'obj-{00000..03999..1}' } }),
    ],
    [
      'sdk-promote-wait',
      'promote',
      (cluster) =>
        promote(cluster, {
          bucket: { name: 'cap-cp1' },
          source: '/var/lib/ais/promote/dir500',
          prefix: 'prom',
          recursive: true,
        }),
    ],
    [
      'make-n-copies-back-to-1',
      'make-n-copies',
      (cluster) => mirror(cluster, { bucket: { name: 'cap-big' }, copies: 1 }),
    ],
  ]
  for (const [name, action, launch] of bySdk)
    it(`${name}: sends what the Python SDK has sent`, () => {
      const exchange = capture(name).exchanges.find(
        ({ method, request_body: body = '' }) => method !== 'GET' && body.includes(`"${action}"`),
      )
      if (exchange === undefined) throw new Error(`no ${action} in ${name}`)
      const { query = '', request_body = '', status = 0, response_body = '' } = exchange
      const recorded = { ...exchange, query, request_body, status, response_body, response_headers: {} }
      const { result, meaning } = sentBy(launch, { body: response_body })
      expect(meaning).to.deep.equal(recordedMeaning(recorded))
      expect(isLeft(result)).to.equal(false)
    })
})
