import { expect } from 'chai'
import { EMPTY } from 'rxjs'
import type { JobError } from '../../../lib/error.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import {
  ID,
  allTargetsShow,
  clusterMap,
  snapshotsUnknown,
  withoutBody,
  json,
  undecodable,
  mapOf,
  htmlPage,
  snap,
  statusIs,
  statusUnknown,
  targetUnreachable,
  refusal,
} from '../../helpers/fake-cluster/replies.ts'
import { after } from '../../helpers/observe.ts'
import { refused, silent, failing, type Reply } from '../../helpers/scripted.ts'
import { errorOf, finished, outcomeOf, settle } from '../../helpers/settle.ts'

// Which errors end a wait, and after which it goes on.

const theJob = { id: ID, kind: 'copy-bck' }
/** A cluster that replies the same to all queries. */
const allReply = (answer: (ms: number) => Reply): World => ({ status: answer, snapshots: answer, map: answer })

describe('wait gives up', () => {
  const permanent: readonly (readonly [title: string, reply: Reply, error: Partial<JobError>])[] = [
    ['401 without a new token', refusal(401, 'token expired'), { _tag: 'Unauthorized', status: 401 }],
    ['403', refusal(403, 'user has insufficient permissions'), { _tag: 'Unauthorized', status: 403 }],
    ['an invalid certificate', failing('DEPTH_ZERO_SELF_SIGNED_CERT'), { _tag: 'TransportError', permanent: true }],
    ['400', refusal(400, 'invalid request'), { _tag: 'HttpError', status: 400 }],
    ['405', refusal(405, 'not allowed'), { _tag: 'HttpError', status: 405 }],
    ['501', refusal(501, 'not supported', 'ErrUnsupp'), { _tag: 'HttpError', status: 501 }],
    [
      'a redirect out of the cluster',
      { status: 307, headers: { location: 'http://elsewhere/v1/cluster' } },
      { _tag: 'RedirectRefused' },
    ],
  ]
  for (const [title, reply, error] of permanent) {
    it(`at once on a permanent error: ${title}`, () => {
      const settled = settle({ ...allReply(() => reply), map: () => mapOf(['t1']) }, theJob)
      expect(errorOf(settled)).to.include(error)
      expect(settled.atMs).to.equal(0)
      expect(settled.requestLog[0]).to.equal('status@0')
    })

    it(`at once, also later during a wait and from the targets: ${title}`, () => {
      const settled = settle(
        { status: () => statusIs(), snapshots: (ms) => (ms < 5000 ? allTargetsShow(snap({})) : reply) },
        theJob,
      )
      expect(errorOf(settled)).to.include(error)
      expect(settled.atMs).to.be.within(5000, 8000)
    })
  }

  it('on a reply that exceeds the size limit', () => {
    const settled = settle({ status: () => ({ body: `"${'x'.repeat(2000)}"` }) }, theJob, { maxReplyBytes: 1000 })
    expect(errorOf(settled)).to.include({ _tag: 'ReplyTooLarge', limitBytes: 1000 })
    expect(settled.atMs).to.equal(0)
  })

  describe('on the third reply in a row that is JSON and cannot be decoded', () => {
    const at = (times: readonly number[], other: Reply): World => ({
      status: () => statusIs(),
      snapshots: (ms) => (times.includes(ms) ? undecodable : other),
    })
    const kind = 'load-lom-cache'

    it('of the targets', () => {
      const settled = settle(at([1000, 2000, 3000], allTargetsShow(snap({ kind }))), { id: ID, kind })
      expect(errorOf(settled)).to.have.property('_tag', 'DecodeError')
      expect(settled.atMs).to.equal(3000)
    })

    it('of the IC', () => {
      const settled = settle({ status: () => undecodable, snapshots: () => allTargetsShow(snap({})) }, theJob)
      expect(errorOf(settled)).to.have.property('_tag', 'DecodeError')
      expect(settled.atMs).to.equal(2000)
    })

    it('but not on the third one that was not in a row', () => {
      const settled = settle(
        {
          ...at([1000, 2000, 4000, 5000], allTargetsShow(snap({ kind }))),
          snapshots: (ms) =>
            [1000, 2000, 4000, 5000].includes(ms)
              ? undecodable
              : allTargetsShow(snap({ kind, ...(ms < 9000 ? {} : { endMs: 9000 }) })),
          status: () => statusIs({ kind }),
        },
        { id: ID, kind },
      )
      expect(outcomeOf(settled).outcome).to.equal('finished')
    })

    for (const [title, other] of [
      ['an HTML page', htmlPage(200)],
      ['no reply', refused],
      ['an empty 502', withoutBody(502)],
    ] as const)
      it(`although ${title} comes in between: it neither increments nor resets the count`, () => {
        const settled = settle(
          { status: () => statusIs({ kind }), snapshots: (ms) => (ms % 2000 === 0 ? undecodable : other) },
          { id: ID, kind },
        )
        expect(errorOf(settled)).to.have.property('_tag', 'DecodeError')
        expect(settled.atMs).to.equal(4000)
      })
  })

  describe('on a job that neither the IC nor the targets know', () => {
    it('after ten seconds', () => {
      const settled = settle({ status: () => statusUnknown, snapshots: () => snapshotsUnknown }, theJob)
      expect(errorOf(settled)).to.have.property('_tag', 'NotFound')
      expect(settled.atMs).to.equal(10_000)
    })

    it('after ten seconds, although the reply itself takes seconds', () => {
      const settled = settle({ status: () => after(4000, statusUnknown), snapshots: () => snapshotsUnknown }, theJob)
      expect(errorOf(settled)).to.have.property('_tag', 'NotFound')
      expect(settled.atMs).to.be.within(10_000, 15_000)
    })

    for (const shownAtMs of [1000, 5000, 9000])
      it(`but not if the job appears after ${shownAtMs / 1000} s`, () => {
        const settled = settle(
          {
            snapshots: (ms) =>
              ms < shownAtMs ? snapshotsUnknown : allTargetsShow(snap(ms < 20_000 ? {} : { endMs: 20_000 })),
          },
          theJob,
        )
        expect(outcomeOf(settled)).to.deep.equal(finished(20_000))
      })

    it('but not while the IC knows the job', () => {
      const settled = settle({ status: (ms) => statusIs(ms < 40_000 ? {} : { endMs: 40_000 }) }, theJob)
      expect(outcomeOf(settled)).to.deep.equal(finished(40_000))
    })

    it('but not while one of the two sources is unavailable', () => {
      for (const world of [
        { status: () => withoutBody(503) },
        { snapshots: () => targetUnreachable },
      ] satisfies World[]) {
        const settled = settle(world, theJob, { timeoutMs: 60_000 })
        expect(errorOf(settled)).to.include({ _tag: 'WaitTimeout' })
      }
    })

    it('but not if the IC denied the job only at the beginning', () => {
      const settled = settle({ status: (ms) => (ms === 0 ? statusUnknown : withoutBody(503)) }, theJob, {
        timeoutMs: 60_000,
      })
      expect(errorOf(settled)).to.include({ _tag: 'WaitTimeout' })
    })
  })
})

describe('wait does not give up', () => {
  const transient: readonly (readonly [title: string, reply: Reply])[] = [
    ['a refused connection', refused],
    ['an unknown host name', failing('ENOTFOUND')],
    ['a connection reset', failing('ECONNRESET')],
    ['a transport that ends without a reply', EMPTY],
    ['an HTML page with status 200', htmlPage(200)],
    ['an HTML page with status 400', htmlPage(400)],
    ['an HTML page with status 404', htmlPage(404)],
    ['an empty 404', withoutBody(404)],
    ['a text with status 405', { status: 405, body: 'Method Not Allowed' }],
    ['JSON of another shape with status 501', json({ error: 'x' }, 501)],
    ['a redirect to a status page', { status: 302, headers: { location: 'http://elsewhere/status' } }],
    ['an empty 200', withoutBody(200)],
    ['an HTML page with status 503', htmlPage(503)],
    ['an empty 502', withoutBody(502)],
    ['an empty 503', withoutBody(503)],
    ['500', refusal(500, 'panic')],
    ['429', { status: 429, headers: { 'retry-after': '2' } }],
    ['409', refusal(409, 'busy', 'ErrBusy')],
    ['no reply at all', silent],
    ['400 ErrFailedTo', targetUnreachable],
  ]
  for (const [title, reply] of transient) {
    const isBadAt = (ms: number): boolean => ms >= 2000 && ms < 40_000
    it(`on ${title}, and reports the end afterwards`, () => {
      const settled = settle(
        {
          status: (ms) => (isBadAt(ms) ? reply : statusIs(ms < 60_000 ? {} : { endMs: 60_000 })),
          snapshots: (ms) => (isBadAt(ms) ? reply : allTargetsShow(snap(ms < 60_000 ? {} : { endMs: 60_000 }))),
        },
        theJob,
      )
      expect(outcomeOf(settled)).to.deep.equal(finished(60_000))
      // A request that hangs may last until it times out, with a doubled timeout.
      expect(settled.atMs).to.be.within(60_000, reply === silent ? 125_000 : 61_000)
    })

    it(`on ${title} for its whole budget, once the cluster has replied`, () => {
      const settled = settle(
        allReply((ms) => (ms === 0 ? statusIs() : reply)),
        theJob,
        { timeoutMs: 45_000 },
      )
      const error = errorOf(settled)
      expect(error).to.include({ _tag: 'WaitTimeout', afterMs: 45_000 })
      expect(settled.atMs).to.equal(45_000)
      expect(error).to.have.nested.property('last.error')
    })
  }

  it('with a Retry-After, which the default cadence observes', () => {
    const settled = settle(
      allReply(() => ({ status: 429, headers: { 'retry-after': '20' }, body: '' })),
      theJob,
      { timeoutMs: 50_000, cadence: undefined as never },
    )
    // The default cadence adds up to a tenth, so that clients do not all return at once. Here it adds half of that.
    expect([...new Set(settled.requests.map(({ atMs }) => atMs))]).to.deep.equal([0, 21_000, 42_000])
  })
})

describe('a wait on a cluster value to which the cluster has never replied', () => {
  const html = htmlPage(404)
  const givenUpAfterThree: readonly (readonly [title: string, reply: Reply, error: Partial<JobError>])[] = [
    ['an HTML page with status 400', htmlPage(400), { _tag: 'HttpError', status: 400, notJson: true, permanent: true }],
    ['an HTML page with status 404', html, { _tag: 'HttpError', status: 404, notJson: true, permanent: true }],
    ['an empty 404', withoutBody(404), { _tag: 'HttpError', status: 404, notJson: true, permanent: true }],
    ['an HTML page with status 200', htmlPage(200), { _tag: 'DecodeError', notJson: true, permanent: true }],
    [
      'a redirect to a status page',
      { status: 302, headers: { location: 'http://elsewhere/status' } },
      { _tag: 'HttpError', status: 302, notJson: true, permanent: true },
    ],
    ['an unknown host name', failing('ENOTFOUND'), { _tag: 'TransportError', code: 'ENOTFOUND', permanent: true }],
  ]
  for (const [title, reply, error] of givenUpAfterThree) {
    it(`gives up after three in a row: ${title}`, () => {
      const settled = settle(
        allReply(() => reply),
        theJob,
        { timeoutMs: Infinity },
      )
      expect(errorOf(settled)).to.include(error)
      expect(settled.atMs).to.be.within(500, 3000)
      expect(settled.requests.length).to.be.at.least(3)
    })

    it(`goes on after two in a row: ${title}`, () => {
      const settled = settle(
        {
          status: (ms) => (ms < 2000 ? reply : statusIs({ endMs: 60_000 })),
          snapshots: (ms) => (ms < 2000 ? reply : allTargetsShow(snap({ endMs: 60_000 }))),
        },
        theJob,
      )
      expect(outcomeOf(settled)).to.deep.equal(finished(60_000))
    })
  }

  for (const [title, reply] of [
    ['a name that cannot be looked up just now', failing('EAI_AGAIN')],
    ['a refused connection', refused],
    ['an empty 503', withoutBody(503)],
    ['an HTML page with status 502, whose text says to come back', htmlPage(502)],
    ['a reply that is cut off', { body: '{"t1":[' }],
  ] as const)
    it(`goes on for its whole budget: ${title}`, () => {
      const settled = settle(
        allReply(() => reply),
        theJob,
        { timeoutMs: 45_000 },
      )
      expect(errorOf(settled)).to.include({ _tag: 'WaitTimeout' })
    })

  it('goes on if a host was reached before the name became unknown', () => {
    const settled = settle(
      allReply((ms) => (ms === 0 ? refused : failing('ENOTFOUND'))),
      theJob,
      { timeoutMs: 45_000 },
    )
    expect(errorOf(settled)).to.include({ _tag: 'WaitTimeout' })
  })

  it('goes on if only a cluster map, requested for a redirect, came before the HTML pages', () => {
    const redirect = { status: 307, headers: { location: 'http://10.0.0.2:8080/v1/cluster' } }
    const map = clusterMap({ proxies: ['p2'], urls: { p2: 'http://10.0.0.2:8080' } })
    const firstOnly = (first: Reply): (() => Reply) => {
      let requests = 0
      return () => (requests++ === 0 ? first : html)
    }
    const world = { status: firstOnly(redirect), snapshots: () => html, map: firstOnly(map) }
    expect(errorOf(settle(world, theJob, { timeoutMs: 45_000 }))).to.include({ _tag: 'WaitTimeout' })
  })

  it('goes on if the cluster maps that redirects require are cut off', () => {
    const world = {
      ...allReply(() => ({ status: 307, headers: { location: 'http://10.0.0.2:8080/v1/cluster' } })),
      map: () => ({ body: '{"pmap":{"p2":' }),
    }
    expect(errorOf(settle(world, theJob, { timeoutMs: 45_000 }))).to.include({ _tag: 'WaitTimeout' })
  })

  it('gives up after three in a row: a redirect, with an HTML page in place of the cluster map', () => {
    const world = {
      ...allReply(() => ({ status: 307, headers: { location: 'http://10.0.0.2:8080/v1/cluster' } })),
      map: () => htmlPage(200),
    }
    expect(errorOf(settle(world, theJob, { timeoutMs: 45_000 }))).to.include({ _tag: 'DecodeError', permanent: true })
  })

  it('goes on if a refusal of the cluster came first', () => {
    const settled = settle(
      allReply((ms) => (ms === 0 ? statusUnknown : html)),
      theJob,
      { timeoutMs: 45_000 },
    )
    expect(errorOf(settled)).to.include({ _tag: 'WaitTimeout' })
  })
})
