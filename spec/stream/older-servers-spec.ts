import { expect } from 'chai'
import { NEVER, take, toArray, type Observable } from 'rxjs'
import { lastOf } from '../../lib/codec/instant.ts'
import { JobSnap } from '../../lib/codec/job-snap.ts'
import { parseJson } from '../../lib/codec/json.ts'
import { isLeft, isRight, right } from '../../lib/common/either.ts'
import { start } from '../../lib/commands.ts'
import type { Cluster } from '../../lib/cluster.ts'
import { explain, type JobError, type Result } from '../../lib/error.ts'
import { jobEvents } from '../../lib/events.ts'
import { watchJobs } from '../../lib/jobs.ts'
import { archive } from '../../lib/launch/archive.ts'
import { copyBucket } from '../../lib/launch/copy-bucket.ts'
import { download } from '../../lib/launch/download.ts'
import { deleteObjects } from '../../lib/launch/object-jobs.ts'
import { summarizeBucket } from '../../lib/launch/summarize-bucket.ts'
import { running, statuses } from '../../lib/listings.ts'
import { andThen } from '../../lib/operators/and-then.ts'
import { clusterMap, details, status } from '../../lib/queries.ts'
import { wait } from '../../lib/wait.ts'
import type { World } from '../helpers/fake-cluster.ts'
import {
  ID,
  allTargetsShow,
  snapshotsUnknown,
  snap,
  statusIs,
  type StatusOptions,
} from '../helpers/fake-cluster/replies.ts'
import { exchangesOf, recordingOf, replay, type Exchange, type Recording } from '../helpers/older-servers.ts'
import { clusterOf, only, scripted } from '../helpers/scripted.ts'
import { finished, outcomeOf, settle } from '../helpers/settle.ts'

// Replays what real clusters of older releases have replied (`helpers/older-servers.ts`), and checks what the library
// makes of it.

/** Releases from which a whole wait was recorded. The statuses of the first have no kind. */
const RELEASES = ['3.15', '3.19', '3.23', '4.4']

const SOURCE = { name: 'rsrc' }

/** The value of a stream that emits one Right. */
function valueOf<A>({ values: [first, ...others] }: { readonly values: readonly Result<A>[] }): A {
  expect(others).to.deep.equal([])
  if (first === undefined || isLeft(first)) throw new Error(first === undefined ? 'no value' : explain(first.left))
  return first.right
}

/** The error of a stream that emits one Left. */
function leftOf({ values: [first, ...others] }: { readonly values: readonly Result<unknown>[] }): JobError {
  expect(others).to.deep.equal([])
  if (first === undefined || !isLeft(first)) throw new Error('no Left')
  return first.left
}

type StreamOf = (cluster: Cluster) => Observable<Result<unknown>>

/** The last snapshots that the targets sent. */
function lastSnaps(recording: Recording): readonly JobSnap[] {
  const json = parseJson(exchangesOf(recording, 'what=qryxstats').at(-1)!.response_body)
  const lists = isRight(json) ? Object.values(json.right as Readonly<Record<string, readonly unknown[]>>) : []
  return lists.flat().flatMap((one) => {
    const read = JobSnap.decode(one)
    return isRight(read) ? [read.right] : []
  })
}

/** The id in the reply to the launch. */
const idIn = ({ exchanges: [launch] }: Recording): string => launch!.response_body

describe('a wait on a recorded server', () => {
  for (const release of RELEASES) {
    it(`of AIStore ${release} follows a copy from its launch to its end`, () => {
      const recording = recordingOf('copy-bck', release)
      const seen = replay(recording, (cluster) =>
        copyBucket(cluster, { from: SOURCE, to: { name: 'rdst' } }).pipe(andThen(([job]) => wait(cluster, job))),
      )
      expect(valueOf(seen)).to.deep.equal({
        ...finished(0),
        jobId: idIn(recording),
        endTime: lastOf(lastSnaps(recording).map(({ endTime }) => endTime)),
      })
      const shownMs = exchangesOf(recording, 'what=status').at(-1)!.t_ms
      expect(seen.completedAtMs).to.be.within(shownMs, shownMs + 2_000)
    })

    it(`of AIStore ${release} finds an archive idle`, () => {
      const recording = recordingOf('archive-idle', release)
      const seen = replay(recording, (cluster) =>
        archive(cluster, { from: SOURCE, what: { template: 'o{10..12}' }, name: 'a.tar' }).pipe(
          andThen(([job]) => wait(cluster, job)),
        ),
      )
      const idle = { jobId: idIn(recording), kind: 'archive', outcome: 'idle', success: true, aborted: false }
      expect(valueOf(seen)).to.deep.equal(idle)
    })
  }

  for (const release of RELEASES.slice(1))
    it(`of AIStore ${release} reports a job that deleted only some of its objects as failed`, () => {
      const recording = recordingOf('delete-missing', release)
      const { outcome, success, error, jobId } = valueOf(
        replay(recording, (cluster) =>
          deleteObjects(cluster, { bucket: SOURCE, what: { names: ['o1', 'nope1', 'nope2'] } }).pipe(
            andThen(({ id }) => wait(cluster, { id })),
          ),
        ),
      )
      expect({ outcome, success, jobId }).to.deep.equal({ outcome: 'failed', success: false, jobId: idIn(recording) })
      expect(error).to.match(/ais:\/\/rsrc\/nope[12]\b.* does not exist/)
    })

  it('of AIStore 3.15 reports a failed job as failed, although no target shows the error', () => {
    const recording = recordingOf('delete-everything', '3.15')
    expect(lastSnaps(recording).map(({ err }) => err)).to.deep.equal(['', '', ''])
    const seen = replay(recording, (cluster) =>
      deleteObjects(cluster, { bucket: SOURCE, what: 'everything' }).pipe(andThen(({ id }) => wait(cluster, { id }))),
    )
    const { outcome, success, error } = valueOf(seen)
    const expected = { outcome: 'failed', success: false, error: 'empty range template (cnt=3)' }
    expect({ outcome, success, error }).to.deep.equal(expected)
  })

  it('reads the status of a failed job from the refusal of AIStore 3.19', () => {
    const recording = recordingOf('delete-missing', '3.19')
    const [refused] = exchangesOf(recording, 'what=status') as readonly [Exchange]
    expect(refused.status).to.equal(400)
    const { endTime, ...rest } = valueOf(replay(recording, (cluster) => status(cluster, { id: idIn(recording) })))
    expect(endTime).not.to.equal(undefined)
    expect(rest).to.deep.equal({
      id: idIn(recording),
      kind: 'delete-listrange',
      err: '[fs-path] ais://rsrc/nope1: object does not exist (and 1 more error)',
      aborted: false,
    })
  })

  it('judges a download of AIStore 3.19 by the download API', () => {
    const recording = recordingOf('download-failed', '3.19')
    const id = (JSON.parse(idIn(recording)) as { readonly id: string }).id
    const { outcome, success, files } = valueOf(replay(recording, (cluster) => wait(cluster, { id })))
    expect({ outcome, success }).to.deep.equal({ outcome: 'failed', success: false })
    expect(files?.map(({ name }) => name)).to.deep.equal(['bad'])
  })
})

describe('a server before AIStore 3.16', () => {
  const queries = recordingOf('queries', '3.15')

  it('has no lists of jobs, and each stream that needs one says so', () => {
    const listings: readonly StreamOf[] = [running, (cluster) => statuses(cluster, { kind: 'lru' })]
    for (const streamOf of listings)
      expect(explain(leftOf(replay(queries, streamOf)))).to.match(
        /^GET \/v1\/cluster\?what=\S+ failed with HTTP 400: unexpected query \[what=\w+\]; the lists of jobs need AIStore 3\.16 or later$/,
      )
    const listed = { ...queries, exchanges: queries.exchanges.map(withoutSelector) }
    const streams: readonly StreamOf[] = [watchJobs, jobEvents]
    for (const stream of streams) {
      const { values } = replay(listed, (cluster) => stream(cluster).pipe(take(3), toArray()))
      expect(values[0]?.map((one) => one._tag)).to.deep.equal(['Left', 'Left', 'Left'])
    }
  })

  /** `watchJobs` requests the whole list, which the server refuses in the same way. */
  function withoutSelector(exchange: Exchange): Exchange {
    return exchange.query === 'what=status_all&frc=true'
      ? { ...exchange, query: 'what=status_all', request_body: '{}' }
      : exchange
  }

  it('answers the other queries', () => {
    expect(valueOf(replay(queries, clusterMap)).targets).to.have.all.keys(
      'tnodeX821001',
      'tnodeX821002',
      'tnodeX821003',
    )
    const snaps = valueOf(replay(queries, (cluster) => details(cluster, { kind: 'resilver' })))
    expect(Object.values(snaps).flat()).not.to.have.lengthOf(0)
    const streams: readonly StreamOf[] = [
      (cluster) => status(cluster, { id: 'abcdefghi' }),
      (cluster) => details(cluster, { id: 'abcdefghi' }),
    ]
    for (const streamOf of streams) expect(leftOf(replay(queries, streamOf))._tag).to.equal('NotFound')
  })

  it('refuses to start a job with a target or with force', () => {
    for (const [options, field] of [
      [{ kind: 'lru', buckets: [SOURCE], force: true }, 'Force'],
      [{ kind: 'resilver', target: 'tnodeX821001' }, 'DaemonID'],
    ] as const)
      expect(explain(leftOf(replay(queries, (cluster) => start(cluster, options))))).to.contain(
        `found unknown field: ${field}`,
      )
  })

  it('names a download by an id that nothing tells from other ids, so the launch is a Left', () => {
    const recording = recordingOf('download-failed', '3.15')
    const [launch] = recording.exchanges as readonly [Exchange]
    const { objects } = JSON.parse(launch.request_body!) as { readonly objects: Readonly<Record<string, string>> }
    const { values } = replay(recording, (cluster) =>
      download(cluster, { to: { name: 'rdl' }, what: { links: objects } }),
    )
    expect(values[0]).to.have.nested.property('left._tag', 'DecodeError')
    expect(values[0]).to.have.nested.property('left.mayHaveStarted', true)
  })

  it('never makes a failed download a success, although its status shows no error', () => {
    const recording = recordingOf('download-failed', '3.15')
    const { id } = JSON.parse(idIn(recording)) as { readonly id: string }
    const { outcome, success } = valueOf(replay(recording, (cluster) => wait(cluster, { id })))
    expect({ outcome, success }).to.deep.equal({ outcome: 'lost', success: false })
  })

  it('gets no prefix with a request for a summary, unless the caller sets one', () => {
    const valueSent = (options: { readonly prefix?: string }): unknown => {
      const script = scripted(() => NEVER)
      summarizeBucket(clusterOf(script), { bucket: SOURCE, ...options })
        .subscribe()
        .unsubscribe()
      return (script.requests[0]?.body as { readonly value: unknown }).value
    }
    expect(valueSent({})).to.deep.equal({ uuid: '', cached: true, present: true })
    expect(valueSent({ prefix: 'a/' })).to.deep.equal({ uuid: '', prefix: 'a/', cached: true, present: true })
  })
})

describe('a status without a kind', () => {
  const withoutKind = (options: StatusOptions = {}) => {
    const reply = statusIs(options)
    return { ...reply, body: reply.body.replace(/"kind":"[^"]*",?/, '') }
  }
  const openStatus = { id: ID, err: '', aborted: false }

  it('is decoded with the kind of the query, or with an empty kind if the query has none', () => {
    const cluster = clusterOf(scripted(() => withoutKind()))
    expect(only(status(cluster, { id: ID, kind: 'copy-bck' }))).to.deep.equal(
      right({ ...openStatus, kind: 'copy-bck' }),
    )
    expect(only(status(cluster, { id: ID }))).to.deep.equal(right({ ...openStatus, kind: '' }))
  })

  it('is refused if the kind is not a text', () => {
    const reply = withoutKind()
    const cluster = clusterOf(scripted(() => ({ ...reply, body: reply.body.replace('{', '{"kind":7,') })))
    expect(only(status(cluster, { id: ID }))).to.have.nested.property('left._tag', 'DecodeError')
  })

  const endingWorld = (endMs: number, statusOf: (options: StatusOptions) => ReturnType<typeof statusIs>): World => ({
    status: (ms) => statusOf(ms < endMs ? {} : { endMs }),
    snapshots: (ms) => allTargetsShow(snap(ms < endMs ? {} : { endMs })),
  })

  for (const selector of [{ id: ID, kind: 'copy-bck' }, { id: ID }])
    it(`lets a wait for ${JSON.stringify(selector)} end as a status with a kind does`, () => {
      const settled = settle(endingWorld(5000, withoutKind), selector)
      expect(outcomeOf(settled)).to.deep.equal(finished(5000))
      expect(settled.atMs).to.equal(settle(endingWorld(5000, statusIs), selector).atMs)
    })

  const withoutSnapshots = (options: StatusOptions, statusOf = withoutKind): World => ({
    status: (ms) => statusOf(ms < 5000 ? {} : { endMs: 5000, ...options }),
    snapshots: () => snapshotsUnknown,
  })
  const ended = (world: World, timeoutMs?: number) => {
    const { outcome, success } = outcomeOf(
      settle(world, { id: ID, kind: 'copy-bck' }, timeoutMs === undefined ? {} : { timeoutMs }),
    )
    return { outcome, success }
  }

  it('proves no success of a job that no target shows, but does prove its failure and its abort', () => {
    expect(ended(withoutSnapshots({}))).to.deep.equal({ outcome: 'lost', success: false })
    expect(ended(withoutSnapshots({ err: 'x' }))).to.deep.equal({ outcome: 'failed', success: false })
    expect(ended(withoutSnapshots({ aborted: true }))).to.deep.equal({ outcome: 'aborted', success: false })
    expect(ended(withoutSnapshots({}, statusIs))).to.deep.equal({ outcome: 'finished', success: true })
  })

  it('proves no success at the end of the budget either, while the targets are silent', () => {
    const silent = (statusOf: typeof withoutKind): World => ({
      ...withoutSnapshots({}, statusOf),
      snapshots: () => NEVER,
    })
    expect(ended(silent(withoutKind), 9_000)).to.deep.equal({ outcome: 'lost', success: false })
    expect(ended(silent(statusIs), 9_000)).to.deep.equal({ outcome: 'finished', success: true })
  })
})
