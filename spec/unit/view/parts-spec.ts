import { expect } from 'chai'
import fc from 'fast-check'
import { NO_STATS } from '../../../lib/codec/job-stats.ts'
import { BOUNDS } from '../../../lib/view/bounds.ts'
import { supersedes, withTargetsReply, type Shown } from '../../../lib/view/parts.ts'
import { emptyRun, type RunView } from '../../../lib/view/view.ts'
import { ID, snapOf, type Loose } from './helpers/facts.ts'
import type { JobSnap } from '../../../lib/codec/job-snap.ts'

// A run has one part on each target. Snapshots, as targets send them, update the parts.

type ShownParts = Readonly<Record<string, Loose<JobSnap>>>
const shownOf = (parts: ShownParts): readonly Shown[] =>
  Object.entries(parts).map(([target, more]) => ({ target, snap: snapOf(more) }))
/** The run after snapshot replies at 0, 100, 200 ... ms. */
const runAfter = (...replies: readonly ShownParts[]): RunView =>
  replies.reduce(
    (run, parts, n) => withTargetsReply(run, shownOf(parts), { sentMs: n * 100, atMs: n * 100, decodeFailures: [] }),
    emptyRun(ID),
  )
const targetsOf = ({ parts }: RunView): readonly string[] => [...parts.keys()].sort()

/** A part that has ended without an error. All parts of `snapOf` start at 1. */
const ENDED_WELL = { endTime: 50n, isIdle: true } as const
const FIRST_START = 1n
const LATER_START = 90n

describe('withTargetsReply', () => {
  it('keeps the last snapshot of each target, and the time from which a target is missing', () => {
    const run = runAfter({ t1: {}, t2: {} }, { t1: ENDED_WELL }, { t1: ENDED_WELL })
    expect(targetsOf(run)).to.deep.equal(['t1', 't2'])
    expect(run.parts.get('t1')).to.deep.equal({ target: 't1', snap: snapOf(ENDED_WELL), inactiveSinceMs: 100 })
    expect(run.parts.get('t2')).to.deep.include({ snap: snapOf(), missing: { sinceMs: 100, times: 2 } })
    expect(runAfter({ t1: {} }, {}, { t1: {} }).parts.get('t1')?.missing).to.equal(undefined)
  })

  it('keeps when the request was sent whose reply proved that a part is gone: the third at least, a minute after the first', () => {
    const goneAfter = (...ms: readonly number[]): number | undefined => {
      const replyAt = (run: RunView, at: number): RunView =>
        withTargetsReply(run, shownOf({ t1: {} }), { sentMs: at - 10, atMs: at, decodeFailures: [] })
      return ms.reduce(replyAt, runAfter({ t1: {}, t2: {} })).parts.get('t2')?.goneMs
    }
    const minuteMs = 1_000 + BOUNDS.lost
    expect(goneAfter(1_000, 2_000, minuteMs + 9)).to.equal(undefined)
    expect(goneAfter(1_000, 2_000, minuteMs + 10)).to.equal(minuteMs)
    expect(goneAfter(1_000, minuteMs + 10)).to.equal(undefined)
    expect(goneAfter(1_000, 50_000, 100_000, 150_000)).to.equal(99_990)
  })

  it('learns the kind, and the time of the request', () => {
    const run = runAfter({ t1: { kind: 'lru' } })
    expect(run.kind).to.equal('lru')
    expect(run.targetsReply).to.include({ sentMs: 0, atMs: 0 })
  })

  it('counts the replies in which no target shows the run', () => {
    expect(runAfter({}, {}).absent).to.deep.equal({ sinceMs: 0, times: 2 })
    expect(runAfter({}, { t1: {} }).absent).to.equal(undefined)
    expect(runAfter({ t1: {} }, {}, {}).absent).to.deep.equal({ sinceMs: 100, times: 2 })
  })

  it('keeps the time from which all parts are over', () => {
    expect(runAfter({ t1: ENDED_WELL, t2: {} }).overSinceMs).to.equal(undefined)
    expect(
      runAfter({ t1: ENDED_WELL, t2: {} }, { t1: ENDED_WELL, t2: ENDED_WELL }, { t1: ENDED_WELL, t2: ENDED_WELL })
        .overSinceMs,
    ).to.equal(100)
    expect(runAfter({ t1: ENDED_WELL }, {}).overSinceMs).to.equal(0)
    expect(runAfter({ t1: ENDED_WELL }, { t1: ENDED_WELL, t2: {} }).overSinceMs).to.equal(undefined)
    expect(runAfter({}).overSinceMs).to.equal(undefined)
  })

  it('keeps the time from which a part has been idle or over without interruption', () => {
    const idle = { isIdle: true }
    // Its counters have changed since the previous reply, so it was active until now.
    const idleAfterWork = { ...idle, stats: { ...NO_STATS, inBytes: 1n } }
    const sinceMs = (...replies: readonly ShownParts[]): number | undefined =>
      runAfter(...replies).parts.get('t1')?.inactiveSinceMs
    expect(sinceMs({ t1: idle }, { t1: idle })).to.equal(0)
    expect(sinceMs({ t1: idle }, { t1: {} }, { t1: idle })).to.equal(200)
    expect(sinceMs({ t1: idle }, { t1: idleAfterWork })).to.equal(100)
    expect(sinceMs({ t1: idle }, {}, { t1: idle })).to.equal(200)
    expect(sinceMs({ t1: {} })).to.equal(undefined)
    expect(sinceMs({ t1: idle }, { t1: ENDED_WELL })).to.equal(0)
    expect(sinceMs({ t1: {} }, { t1: ENDED_WELL })).to.equal(100)
    expect(sinceMs({ t1: ENDED_WELL }, {})).to.equal(0)
  })

  it('keeps the time from which all parts are over if the job had failed before a further part appeared, and that is over too', () => {
    for (const failed of [
      { ...ENDED_WELL, err: 'disk full' },
      { ...ENDED_WELL, aborted: true },
    ]) {
      expect(runAfter({ t1: failed }, { t1: failed, t2: ENDED_WELL }).overSinceMs).to.equal(0)
      expect(runAfter({ t1: failed }, { t1: failed, t2: {} }).overSinceMs).to.equal(undefined)
    }
    expect(runAfter({ t1: ENDED_WELL }, { t1: ENDED_WELL, t2: ENDED_WELL }).overSinceMs).to.equal(100)
  })

  it('starts again if a target that had ended shows a later start under the same id', () => {
    const run = runAfter({ t1: ENDED_WELL, t2: ENDED_WELL }, { t1: { startTime: LATER_START }, t2: ENDED_WELL })
    expect(targetsOf(run)).to.deep.equal(['t1'])
    expect([...run.earlierStarts]).to.have.deep.members([
      ['t1', FIRST_START],
      ['t2', FIRST_START],
    ])
    expect(run.overSinceMs).to.equal(undefined)
    // The old record comes back, and is ignored.
    expect(
      targetsOf(
        runAfter(
          { t1: ENDED_WELL, t2: ENDED_WELL },
          { t1: { startTime: LATER_START }, t2: ENDED_WELL },
          { t2: ENDED_WELL },
        ),
      ),
    ).to.deep.equal(['t1'])
  })

  it('drops a part that ended in the instant in which the new run began, as one of the previous run', () => {
    const t2 = { ...ENDED_WELL, endTime: LATER_START }
    expect(targetsOf(runAfter({ t1: ENDED_WELL, t2 }, { t1: { startTime: LATER_START }, t2 }))).to.deep.equal(['t1'])
    const later = { ...ENDED_WELL, endTime: LATER_START + 1n }
    expect(
      targetsOf(runAfter({ t1: ENDED_WELL, t2: later }, { t1: { startTime: LATER_START }, t2: later })),
    ).to.deep.equal(['t1', 't2'])
  })

  it('forgets what the Information Center reported about the previous run', () => {
    const ended = {
      ...runAfter({ t1: ENDED_WELL }),
      icEndSeenMs: 5,
      full: { value: { id: ID, kind: 'lru', err: '', aborted: true }, sentMs: 0, atMs: 0 },
    }
    const run = withTargetsReply(ended, shownOf({ t1: { startTime: LATER_START } }), {
      sentMs: 9,
      atMs: 9,
      decodeFailures: [],
    })
    expect(run.icEndSeenMs).to.equal(undefined)
    expect(run.full).to.equal(undefined)
  })

  it('remains the same run if a target that has not ended shows a later start', () => {
    expect(targetsOf(runAfter({ t1: {}, t2: {} }, { t1: { startTime: LATER_START }, t2: {} }))).to.deep.equal([
      't1',
      't2',
    ])
  })

  it('does not depend on the order of the snapshots in a reply', () => {
    const state = fc.constantFrom<Loose<JobSnap>>(
      {},
      ENDED_WELL,
      { ...ENDED_WELL, err: 'disk full' },
      { aborted: true },
      { isIdle: true },
      { startTime: LATER_START },
    )
    const parts = fc.array(
      fc.record({ target: fc.constantFrom('t1', 't2', 't3'), snap: state.map((more) => snapOf(more)) }),
      { maxLength: 5 },
    )
    fc.assert(
      fc.property(parts, parts, (first, second) => {
        const plain = (run: RunView): unknown => ({
          ...run,
          parts: new Map([...run.parts].sort(([a], [b]) => (a < b ? -1 : 1))),
          past: new Set(run.earlierStarts),
        })
        const read = (turned: boolean): unknown =>
          plain(
            [first, second].reduce(
              (run, some, n) =>
                withTargetsReply(run, turned ? some.toReversed() : some, { sentMs: n, atMs: n, decodeFailures: [] }),
              emptyRun(ID),
            ),
          )
        expect(read(true)).to.deep.equal(read(false))
      }),
    )
  })
})

describe('supersedes', () => {
  it('prefers the later run, and the worse of two records of one run', () => {
    const order = [
      snapOf({}),
      snapOf({ isIdle: true }),
      snapOf({ aborted: true }),
      snapOf({ ...ENDED_WELL, err: 'disk full' }),
      snapOf(ENDED_WELL),
    ]
    const later = snapOf({ ...ENDED_WELL, startTime: 9n })
    for (const [n, one] of order.entries()) {
      expect(supersedes(later, one)).to.equal(true)
      expect(supersedes(one, later)).to.equal(false)
      for (const [m, other] of order.entries()) expect(supersedes(one, other)).to.equal(n < m)
    }
  })
})
