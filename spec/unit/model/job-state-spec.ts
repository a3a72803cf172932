import { expect } from 'chai'
import fc from 'fast-check'
import { isOver, stateOf, stateOfAll, stateOfStates, type JobState } from '../../../lib/model/job-state.ts'
import { isAborted, isIdle, isTerminal } from '../../../lib/model/snapshot.ts'
import { jobSnap } from '../../helpers/arbitraries.ts'
import { part } from '../../helpers/parts.ts'

// `stateOf` is the state of one part; `stateOfAll` and `stateOfStates` combine the parts of a job.

/** The states that a snapshot can have. A lost part has no snapshot. */
type SnapshotState = Exclude<JobState, 'lost'>

const SNAPS = {
  starting: part({ startMs: null }),
  running: part({}),
  idle: part({ more: { isIdle: true } }),
  finished: part({ endMs: 5 }),
  failed: part({ endMs: 5, more: { err: 'disk full' } }),
  aborted: part({ endMs: 5, more: { aborted: true, abortErr: 'user abort' } }),
} satisfies Record<SnapshotState, unknown>
const STATES = Object.keys(SNAPS) as readonly SnapshotState[]

describe('stateOf', () => {
  for (const state of STATES)
    it(`returns ${state}`, () => {
      expect(stateOf(SNAPS[state])).to.equal(state)
    })

  it('returns aborted without an end time, and also if only the reason is set', () => {
    expect(stateOf(part({ more: { aborted: true, isIdle: true } }))).to.equal('aborted')
    expect(stateOf(part({ more: { abortErr: 'no space' } }))).to.equal('aborted')
    expect(stateOf(part({ startMs: null, more: { aborted: true } }))).to.equal('aborted')
    expect(stateOf(part({ endMs: 5, more: { aborted: true, err: 'x' } }))).to.equal('aborted')
  })

  it('does not return idle before the start or after the end (T22)', () => {
    expect(stateOf(part({ startMs: null, more: { isIdle: true } }))).to.equal('starting')
    expect(stateOf(part({ endMs: 5, more: { isIdle: true } }))).to.equal('finished')
  })

  it('returns running for an error without an end time', () => {
    expect(stateOf(part({ more: { err: 'one object' } }))).to.equal('running')
  })

  it('agrees with isTerminal, isAborted and isIdle for any snapshot', () => {
    fc.assert(
      fc.property(jobSnap, (snap) => {
        const state = stateOf(snap)
        expect(isOver(state)).to.equal(isTerminal(snap))
        expect(state === 'aborted').to.equal(isAborted(snap))
        expect(state === 'idle').to.equal(isIdle(snap))
      }),
    )
  })
})

describe('stateOfAll and stateOfStates', () => {
  /** The state of a job whose parts have these states. */
  const stateOfParts = (...states: readonly SnapshotState[]): JobState =>
    stateOfAll(states.map((state) => SNAPS[state]))

  it('return starting if no target has a snapshot', () => {
    expect(stateOfParts()).to.equal('starting')
  })

  it('return the state that all parts have in common', () => {
    for (const state of STATES) expect(stateOfParts(state, state, state)).to.equal(state)
  })

  it('return the state of the whole job for each pair of states', () => {
    const table: readonly (readonly [a: SnapshotState, b: SnapshotState, both: JobState])[] = [
      ['starting', 'running', 'running'],
      ['starting', 'idle', 'running'],
      ['starting', 'finished', 'running'],
      ['starting', 'failed', 'running'],
      ['starting', 'aborted', 'aborted'],
      ['running', 'idle', 'running'],
      ['running', 'finished', 'running'],
      ['running', 'failed', 'running'],
      ['running', 'aborted', 'aborted'],
      ['idle', 'finished', 'idle'],
      ['idle', 'failed', 'idle'],
      ['idle', 'aborted', 'aborted'],
      ['finished', 'failed', 'failed'],
      ['finished', 'aborted', 'aborted'],
      ['failed', 'aborted', 'aborted'],
    ]
    for (const [a, b, both] of table) {
      expect(stateOfParts(a, b), `${a} and ${b}`).to.equal(both)
      expect(stateOfParts(b, a), `${b} and ${a}`).to.equal(both)
    }
  })

  it('return lost if a part is lost and all others are over, unless the job was aborted', () => {
    for (const other of ['finished', 'failed'] as const) expect(stateOfStates(['lost', other])).to.equal('lost')
    expect(stateOfStates(['lost'])).to.equal('lost')
    expect(stateOfStates(['lost', 'aborted'])).to.equal('aborted')
    for (const other of ['starting', 'running'] as const) expect(stateOfStates(['lost', other])).to.equal('running')
    expect(stateOfStates(['lost', 'idle'])).to.equal('idle')
    expect(isOver('lost')).to.equal(true)
  })

  it('do not depend on the order of the parts', () => {
    const some = fc.array(fc.constantFrom(...STATES), { maxLength: 5 })
    fc.assert(
      fc.property(some, (states) => {
        expect(stateOfParts(...states)).to.equal(stateOfParts(...[...states].reverse()))
        expect(stateOfParts(...states)).to.equal(stateOfParts(...states, ...states))
      }),
    )
  })
})
