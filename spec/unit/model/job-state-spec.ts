import { expect } from 'chai'
import fc from 'fast-check'
import { isOver, stateOf, stateOfAll, stateOfStates, type JobState } from '../../../lib/model/job-state.ts'
import { isAborted, isIdle, isTerminal } from '../../../lib/model/snapshot.ts'
import { jobSnap } from '../../helpers/arbitraries.ts'
import { part } from '../../helpers/parts.ts'

/** A part that is lost shows nothing, so that no snapshot has that state. */
type Shown = Exclude<JobState, 'lost'>

const snaps = {
  starting: part({ startMs: null }),
  running: part({}),
  idle: part({ more: { isIdle: true } }),
  finished: part({ endMs: 5 }),
  failed: part({ endMs: 5, more: { err: 'disk full' } }),
  aborted: part({ endMs: 5, more: { aborted: true, abortErr: 'user abort' } }),
} satisfies Record<Shown, unknown>
const STATES = Object.keys(snaps) as readonly Shown[]

describe('the state of a part', () => {
  for (const state of STATES)
    it(`is ${state}`, () => {
      expect(stateOf(snaps[state])).to.equal(state)
    })

  it('is aborted before its end is known, and where only the reason is', () => {
    expect(stateOf(part({ more: { aborted: true, isIdle: true } }))).to.equal('aborted')
    expect(stateOf(part({ more: { abortErr: 'no space' } }))).to.equal('aborted')
    expect(stateOf(part({ startMs: null, more: { aborted: true } }))).to.equal('aborted')
    expect(stateOf(part({ endMs: 5, more: { aborted: true, err: 'x' } }))).to.equal('aborted')
  })

  it('is not idle before it has begun, nor once it has ended (T22)', () => {
    expect(stateOf(part({ startMs: null, more: { isIdle: true } }))).to.equal('starting')
    expect(stateOf(part({ endMs: 5, more: { isIdle: true } }))).to.equal('finished')
  })

  it('runs with an error that did not end it', () => {
    expect(stateOf(part({ more: { err: 'one object' } }))).to.equal('running')
  })

  it('agrees with what the waits hold for over, aborted and idle', () => {
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

describe('the state of a job', () => {
  const of = (...states: readonly Shown[]): JobState => stateOfAll(states.map((state) => snaps[state]))

  it('is starting where nobody shows it', () => {
    expect(of()).to.equal('starting')
  })

  it('is that of its parts where they agree', () => {
    for (const state of STATES) expect(of(state, state, state)).to.equal(state)
  })

  it('is, of two states, the one that tells of the whole', () => {
    const table: readonly (readonly [Shown, Shown, JobState])[] = [
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
      expect(of(a, b), `${a} and ${b}`).to.equal(both)
      expect(of(b, a), `${b} and ${a}`).to.equal(both)
    }
  })

  it('is lost where a part is lost and the rest is over, unless the job was aborted', () => {
    for (const other of ['finished', 'failed'] as const) expect(stateOfStates(['lost', other])).to.equal('lost')
    expect(stateOfStates(['lost'])).to.equal('lost')
    expect(stateOfStates(['lost', 'aborted'])).to.equal('aborted')
    for (const other of ['starting', 'running'] as const) expect(stateOfStates(['lost', other])).to.equal('running')
    expect(stateOfStates(['lost', 'idle'])).to.equal('idle')
    expect(isOver('lost')).to.equal(true)
  })

  it('does not depend on the order of the parts', () => {
    const some = fc.array(fc.constantFrom(...STATES), { maxLength: 5 })
    fc.assert(
      fc.property(some, (states) => {
        expect(of(...states)).to.equal(of(...[...states].reverse()))
        expect(of(...states)).to.equal(of(...states, ...states))
      }),
    )
  })
})
