import { expect } from 'chai'
import { EMPTY } from 'rxjs'
import type { JobError } from '../../../lib/error.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import {
  ID,
  allShow,
  denied,
  empty,
  undecodable,
  mapOf,
  page,
  snap,
  statusIs,
  statusUnknown,
  unreachable,
  refusal,
} from '../../helpers/fake-cluster/replies.ts'
import { after } from '../../helpers/observe.ts'
import { refused, silent, failing, type Reply } from '../../helpers/scripted.ts'
import { errorOf, finished, outcomeOf, settle } from '../../helpers/settle.ts'

const one = { id: ID, kind: 'copy-bck' }
const all = (answer: (ms: number) => Reply): World => ({ status: answer, snapshots: answer, map: answer })

describe('wait gives up', () => {
  const permanent: readonly (readonly [string, Reply, Partial<JobError>])[] = [
    ['401 without a way to a new token', refusal(401, 'token expired'), { _tag: 'Unauthorized', status: 401 }],
    ['403', refusal(403, 'user has insufficient permissions'), { _tag: 'Unauthorized', status: 403 }],
    [
      'a certificate that does not hold',
      failing('DEPTH_ZERO_SELF_SIGNED_CERT'),
      { _tag: 'TransportError', permanent: true },
    ],
    ['400', refusal(400, 'invalid request'), { _tag: 'HttpError', status: 400 }],
    ['405', empty(405), { _tag: 'HttpError', status: 405 }],
    ['501', refusal(501, 'not supported', 'ErrUnsupp'), { _tag: 'HttpError', status: 501 }],
    [
      'a redirect out of the cluster',
      { status: 307, headers: { location: 'http://elsewhere/v1/cluster' } },
      { _tag: 'RedirectRefused' },
    ],
  ]
  for (const [title, reply, error] of permanent) {
    it(`at once on what time cannot heal: ${title}`, () => {
      const settled = settle({ ...all(() => reply), map: () => mapOf(['t1']) }, one)
      expect(errorOf(settled)).to.include(error)
      expect(settled.atMs).to.equal(0)
      expect(settled.asked[0]).to.equal('status@0')
    })

    it(`at once, in the middle of a wait and whoever says it: ${title}`, () => {
      const settled = settle(
        { status: () => statusIs(), snapshots: (ms) => (ms < 5000 ? allShow(snap({})) : reply) },
        one,
      )
      expect(errorOf(settled)).to.include(error)
      expect(settled.atMs).to.be.within(5000, 8000)
    })
  }

  it('on a reply that is larger than is read', () => {
    const settled = settle({ status: () => ({ body: `"${'x'.repeat(2000)}"` }) }, one, { maxReplyBytes: 1000 })
    expect(errorOf(settled)).to.include({ _tag: 'ReplyTooLarge', limitBytes: 1000 })
    expect(settled.atMs).to.equal(0)
  })

  describe('on the third reply in a row that is JSON and does not decode', () => {
    const at = (times: readonly number[], other: Reply): World => ({
      status: () => statusIs(),
      snapshots: (ms) => (times.includes(ms) ? undecodable : other),
    })
    const kind = 'load-lom-cache'

    it('of the targets', () => {
      const settled = settle(at([1000, 2000, 3000], allShow(snap({ kind }))), { id: ID, kind })
      expect(errorOf(settled)).to.have.property('_tag', 'DecodeError')
      expect(settled.atMs).to.equal(3000)
    })

    it('of the IC', () => {
      const settled = settle({ status: () => undecodable, snapshots: () => allShow(snap({})) }, one)
      expect(errorOf(settled)).to.have.property('_tag', 'DecodeError')
      expect(settled.atMs).to.equal(2000)
    })

    it('but not on the third that was not in a row', () => {
      const settled = settle(
        {
          ...at([1000, 2000, 4000, 5000], allShow(snap({ kind }))),
          snapshots: (ms) =>
            [1000, 2000, 4000, 5000].includes(ms)
              ? undecodable
              : allShow(snap({ kind, ...(ms < 9000 ? {} : { endMs: 9000 }) })),
          status: () => statusIs({ kind }),
        },
        { id: ID, kind },
      )
      expect(outcomeOf(settled).outcome).to.equal('finished')
    })

    for (const [title, other] of [
      ['an HTML page', page(200)],
      ['no reply', refused],
      ['an empty 502', empty(502)],
    ] as const)
      it(`where ${title} comes in between: it neither counts nor makes the others count anew`, () => {
        const settled = settle(
          { status: () => statusIs({ kind }), snapshots: (ms) => (ms % 2000 === 0 ? undecodable : other) },
          { id: ID, kind },
        )
        expect(errorOf(settled)).to.have.property('_tag', 'DecodeError')
        expect(settled.atMs).to.equal(4000)
      })
  })

  describe('on a job that nobody knows', () => {
    it('after ten seconds', () => {
      const settled = settle({ status: () => statusUnknown, snapshots: () => denied }, one)
      expect(errorOf(settled)).to.have.property('_tag', 'NotFound')
      expect(settled.atMs).to.equal(10_000)
    })

    it('after ten seconds where the answer itself takes seconds', () => {
      const settled = settle({ status: () => after(4000, statusUnknown), snapshots: () => denied }, one)
      expect(errorOf(settled)).to.have.property('_tag', 'NotFound')
      expect(settled.atMs).to.be.within(10_000, 15_000)
    })

    for (const shownAtMs of [1000, 5000, 9000])
      it(`but not if it shows after ${shownAtMs / 1000} s`, () => {
        const settled = settle(
          { snapshots: (ms) => (ms < shownAtMs ? denied : allShow(snap(ms < 20_000 ? {} : { endMs: 20_000 }))) },
          one,
        )
        expect(outcomeOf(settled)).to.deep.equal(finished(20_000))
      })

    it('but not while the IC knows it', () => {
      const settled = settle({ status: (ms) => statusIs(ms < 40_000 ? {} : { endMs: 40_000 }) }, one)
      expect(outcomeOf(settled)).to.deep.equal(finished(40_000))
    })

    it('but not while one of the two witnesses cannot be heard', () => {
      for (const deaf of [{ status: () => empty(503) }, { snapshots: () => unreachable }] satisfies World[]) {
        const settled = settle(deaf, one, { timeoutMs: 60_000 })
        expect(errorOf(settled)).to.include({ _tag: 'WaitTimeout' })
      }
    })

    it('but not if it was heard to deny it in the beginning only', () => {
      const settled = settle({ status: (ms) => (ms === 0 ? statusUnknown : empty(503)) }, one, { timeoutMs: 60_000 })
      expect(errorOf(settled)).to.include({ _tag: 'WaitTimeout' })
    })
  })
})

describe('wait does not give up', () => {
  const passing: readonly (readonly [string, Reply])[] = [
    ['a refused connection', refused],
    ['a name that is not known', failing('ENOTFOUND')],
    ['a reset', failing('ECONNRESET')],
    ['a transport that ends without a reply', EMPTY],
    ['an HTML page that says 200', page(200)],
    ['an HTML page that says 404', page(404)],
    ['an empty 200', empty(200)],
    ['an empty 502', empty(502)],
    ['an empty 503', empty(503)],
    ['500', refusal(500, 'panic')],
    ['429', { status: 429, headers: { 'retry-after': '2' } }],
    ['409', refusal(409, 'busy', 'ErrBusy')],
    ['no reply at all', silent],
    ['400 ErrFailedTo', unreachable],
  ]
  for (const [title, reply] of passing) {
    const bad = (ms: number): boolean => ms >= 2000 && ms < 40_000
    it(`because of ${title}, and hears the end when it is over`, () => {
      const settled = settle(
        {
          status: (ms) => (bad(ms) ? reply : statusIs(ms < 60_000 ? {} : { endMs: 60_000 })),
          snapshots: (ms) => (bad(ms) ? reply : allShow(snap(ms < 60_000 ? {} : { endMs: 60_000 }))),
        },
        one,
      )
      expect(outcomeOf(settled)).to.deep.equal(finished(60_000))
      // A question that hangs may last until it runs into its own clock, doubled by then.
      expect(settled.atMs).to.be.within(60_000, reply === silent ? 125_000 : 61_000)
    })

    it(`because of ${title} for all of its budget`, () => {
      const settled = settle(
        all(() => reply),
        one,
        { timeoutMs: 45_000 },
      )
      const error = errorOf(settled)
      expect(error).to.include({ _tag: 'WaitTimeout', afterMs: 45_000 })
      expect(settled.atMs).to.equal(45_000)
      expect(error).to.have.nested.property('last.error')
    })
  }

  it('with a Retry-After that is honoured by the default cadence', () => {
    const settled = settle(
      all(() => ({ status: 429, headers: { 'retry-after': '20' }, body: '' })),
      one,
      { timeoutMs: 50_000, cadence: undefined as never },
    )
    // And a little more, or all would come back together: half of a tenth here.
    expect([...new Set(settled.requests.map(({ atMs }) => atMs))]).to.deep.equal([0, 21_000, 42_000])
  })
})
