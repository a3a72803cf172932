import { expect } from 'chai'
import fc from 'fast-check'
import { isOver } from '../../../lib/model/job-state.ts'
import { caseOf } from '../../../lib/view/case.ts'
import { trackerOf } from '../../../lib/view/tracker.ts'
import type { Evidence } from '../../../lib/view/evidence.ts'
import { followRun } from '../../../lib/view/follow.ts'
import { advance, begin, type Goal } from '../../../lib/view/goal.ts'
import { jobViewOf } from '../../../lib/view/job-view.ts'
import { outcomeOf } from '../../../lib/view/outcome.ts'
import { reduce } from '../../../lib/view/reduce.ts'
import { endedRow, openRow } from '../../../lib/view/rows.ts'
import { liveState, stateOfCase, stateOfResult } from '../../../lib/view/state.ts'
import { eventsOf, type Emitted } from '../../../lib/view/transitions.ts'
import { EMPTY_VIEW } from '../../../lib/view/view.ts'
import { goalOf, listReply, waitAfter, mapReply, snapshotsReply, statusOf, statusReply } from './helpers/facts.ts'
import { IDS, sceneOf } from './helpers/scene.ts'
import { anyTape } from './helpers/tape.ts'
import { casesOf } from '../../fuzz/seed.ts'

// The state of a job in progress, and the state that events and rows of tables report.
//
// Of a reply such as `statusReply({}, 0, 100)`, the numbers are when its request was sent and when it came, in milliseconds.

const COPY_GOAL = goalOf({ kind: 'copy-bck' })
const ENDED_WELL = { endTime: 50n, isIdle: true } as const

/** The state that tables show at once, and the state that events and rows agree on, after this evidence. */
function statesAfter(log: readonly Evidence[], goal: Goal = COPY_GOAL): readonly [live: string, ofCase: string] {
  const { view, standing } = waitAfter(goal, log)
  const theCase = caseOf(view, goal, standing, log.at(-1)?.atMs ?? 0)
  return [liveState(theCase), stateOfCase(theCase)]
}

describe('liveState and stateOfCase', () => {
  it('never return `finished` or `failed` before that is certain', () => {
    expect(statesAfter([])).to.deep.equal(['starting', 'starting'])
    expect(statesAfter([statusReply({}, 0)])).to.deep.equal(['running', 'running'])
    expect(statesAfter([listReply([statusOf({ endTime: 80n })], 0)])).to.deep.equal(['running', 'running'])
    expect(statesAfter([snapshotsReply({ t1: ENDED_WELL, t2: ENDED_WELL }, 0)])).to.deep.equal(['running', 'running'])
    expect(statesAfter([snapshotsReply({ t1: ENDED_WELL }, 0), mapReply(['t1'], 0), statusReply({}, 0)])).to.deep.equal(
      ['running', 'finished'],
    )
    expect(statesAfter([snapshotsReply({ t1: { ...ENDED_WELL, err: 'disk full' } }, 0)])).to.deep.equal([
      'running',
      'failed',
    ])
  })

  it('return `aborted` as soon as a target reports an abort', () => {
    expect(statesAfter([snapshotsReply({ t1: {}, t2: { aborted: true } }, 0)])).to.deep.equal(['aborted', 'aborted'])
  })

  it('return `aborted` for an abort that the Information Center reports only when it is certain, like the events (law 7)', () => {
    const stopped = listReply([statusOf({ aborted: true })], 0)
    expect(statesAfter([stopped])).to.deep.equal(['running', 'running'])
    expect(statesAfter([stopped, snapshotsReply({ t1: {} }, 0)])).to.deep.equal(['running', 'running'])
    expect(
      statesAfter([stopped, statusReply({ aborted: true, endTime: 80n }, 0), snapshotsReply({ t1: {} }, 1)]),
    ).to.deep.equal(['running', 'aborted'])
  })

  it('return what the targets show', () => {
    expect(statesAfter([snapshotsReply({ t1: { startTime: undefined } }, 0)])).to.deep.equal(['starting', 'starting'])
    expect(statesAfter([snapshotsReply({ t1: { isIdle: true }, t2: ENDED_WELL }, 0)])).to.deep.equal(['idle', 'idle'])
  })
})

describe('stateOfResult', () => {
  it('equals the outcome, or is `running` for waits that do not wait for an end', () => {
    const of = (outcome: 'started' | 'not-running' | 'lost'): string =>
      stateOfResult({ outcome, success: true, aborted: false })
    expect([of('started'), of('not-running'), of('lost')]).to.deep.equal(['running', 'running', 'lost'])
  })
})

describe('all reports on one run', () => {
  it('agree: the wait, the row, the events and the state (law 7)', () => {
    let ends = 0
    fc.assert(
      fc.property(anyTape, (bytes) => {
        const { log } = sceneOf(bytes)
        const [id] = IDS as [string]
        let view = followRun(EMPTY_VIEW, id)
        const selection = { ids: [id], onlyRunning: false }
        const tracker = trackerOf(selection, [], 0, { isListed: false, keepsPast: true })
        const goal = goalOf({ id, until: 'kind' })
        let standing = begin(goal)
        let before: Emitted | undefined
        const types: string[] = []
        for (const piece of log) {
          view = reduce(view, piece)
          standing = advance(goal, standing, view)
          const nowMs = piece.atMs
          const observed = { view, nowMs, evidence: piece, isWatched: () => false }
          tracker.reduce(observed)
          const life = tracker.tracked.get(id)
          if (life === undefined) continue
          const theCase = tracker.caseOf(life, observed)
          const emission = eventsOf(life, theCase, before, { atMs: nowMs, byList: false })
          const isOther = before !== undefined && emission.emitted.tracked !== before.tracked
          before = emission.emitted
          types.push(...emission.events.map(({ type }) => type))
          const waited = outcomeOf(view, { ...goal, until: 'end' }, standing, nowMs)
          const state = stateOfCase(caseOf(view, goal, standing, nowMs))
          // Either all of them report the end, or none of them does.
          const isEnded = waited?._tag === 'Right'
          expect(isOver(state)).to.equal(isEnded || state === 'aborted')
          expect(jobViewOf(view, goal, standing, nowMs).state).to.equal(state)
          if (isOther) return
          if (isEnded) {
            ends += 1
            expect(life.result).to.deep.equal(waited.right)
            expect(endedRow(life.run, waited.right).state).to.equal(state)
            expect(emission.events.at(-1)).to.deep.include({ result: waited.right })
            expect(types.filter((type) => type === 'started')).to.have.length(1)
            expect(types.at(-1)).to.equal(
              { finished: 'finished', failed: 'failed', aborted: 'aborted', lost: 'vanished' }[
                waited.right.outcome as 'finished'
              ],
            )
            return
          }
          expect(life.result).to.equal(undefined)
          expect(openRow(theCase, life.run).state).to.equal(state)
          expect(types).not.to.include.oneOf(['finished', 'failed', 'aborted', 'vanished'])
        }
      }),
      { numRuns: casesOf(300) },
    )
    expect(ends).to.be.greaterThan(20)
  })
})
