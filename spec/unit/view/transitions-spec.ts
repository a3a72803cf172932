import { expect } from 'chai'
import fc from 'fast-check'
import type { PartOptions } from '../../helpers/parts.ts'
import { status, watching, type Heard } from './helpers/watching.ts'

const of = ({ events }: Heard): readonly string[] => events
const idle = (objects: number): PartOptions => ({ objects, more: { isIdle: true } })

describe('the events of a run', () => {
  it('of targets: what is done, and when it idles and wakes', () => {
    const t = watching()
    expect(of(t.shows({ t1: { objects: 0 }, t2: idle(0) }))).to.deep.equal(['started a'])
    expect(of(t.shows({ t1: { objects: 0 }, t2: idle(0) }))).to.deep.equal([])
    expect(of(t.shows({ t1: { objects: 1 }, t2: {} }))).to.deep.equal(['progressed a'])
    expect(of(t.shows({ t1: idle(1), t2: idle(0) }))).to.deep.equal(['idle a'])
    // It woke in between.
    expect(of(t.shows({ t1: idle(3), t2: idle(0) }))).to.deep.equal(['resumed a', 'progressed a', 'idle a'])
    expect(of(t.shows({ t1: { objects: 3 }, t2: idle(0) }))).to.deep.equal(['resumed a'])
    expect(of(t.shows({ t1: idle(4), t2: idle(0) }))).to.deep.equal(['progressed a', 'idle a'])
    expect(of(t.shows({ t1: { objects: 4, endMs: 9 }, t2: { endMs: 9 } }))).to.deep.equal(['finished a'])
    expect(of(t.shows({ t1: { objects: 9, endMs: 9 }, t2: { endMs: 9 } }))).to.deep.equal([])
  })

  it('begin with idle where a run idles when it is first seen', () => {
    expect(of(watching().shows({ t1: idle(0) }))).to.deep.equal(['started a', 'idle a'])
  })

  it('are none of a run that no target has begun', () => {
    const t = watching()
    expect(of(t.shows({ t1: { startMs: null } }))).to.deep.equal([])
    expect(of(t.shows({ t1: { startMs: null }, t2: {} }))).to.deep.equal(['started a'])
  })

  it('take nothing back where a target is away for a while, or counts less', () => {
    const t = watching()
    t.shows({ t1: { objects: 5 }, t2: { objects: 5 } })
    expect(of(t.shows({ t1: { objects: 5 } }))).to.deep.equal([])
    expect(of(t.shows({}))).to.deep.equal([])
    expect(of(t.shows({ t1: { objects: 5 }, t2: { objects: 5 } }))).to.deep.equal([])
    expect(of(t.shows({ t1: { objects: 6 } }))).to.deep.equal(['progressed a'])
    expect(of(t.shows({ t2: { objects: 2 } }))).to.deep.equal([])
    expect(of(t.shows({ t2: { objects: 6 } }))).to.deep.equal(['progressed a'])
    // A target that joins has done something.
    expect(of(t.shows({ t3: { objects: 1 } }))).to.deep.equal(['progressed a'])
  })

  it('are told anew of an id that begins anew, and of no run that is over at the first look', () => {
    const t = watching()
    expect(of(t.shows({ t1: [{ id: 'p', endMs: 20 }, { id: 'g' }] }))).to.deep.equal(['started g'])
    const p = { id: 'p', endMs: 20 }
    expect(of(t.shows({ t1: [p, { id: 'g', endMs: 30 }] }))).to.deep.equal(['finished g'])
    expect(of(t.shows({ t1: [p, { id: 'g', startMs: 40 }] }))).to.deep.equal(['started g'])
    expect(of(t.shows({ t1: [p, { id: 'g', startMs: 40, endMs: 50, more: { err: 'disk full' } }] }))).to.deep.equal([
      'failed g',
    ])
    // A target that was away at the first look.
    expect(of(t.shows({ t2: { id: 'q', endMs: 19 } }))).to.deep.equal([])
  })

  it('tell an end of a run that another takes the place of before its own end is known', () => {
    const t = watching()
    t.shows({ t1: {}, t2: {} })
    expect(of(t.shows({ t1: { endMs: 5 }, t2: {} }))).to.deep.equal([])
    expect(of(t.shows({ t1: { startMs: 9 } }))).to.deep.equal(['vanished a', 'started a'])
    t.shows({ t1: { startMs: 9, more: { aborted: true } }, t2: { startMs: 9 } })
    expect(of(t.shows({ t1: { startMs: 20 } }))).to.deep.equal(['aborted a', 'started a'])
  })

  it('of lists: starts at once, ends once they are certain, nothing of what had ended', () => {
    const t = watching({ isListed: true, kinds: [] })
    const [a, b] = [status('a', { endTime: 6n }), status('b', { endTime: 5n })]
    expect(of(t.lists(status('a'), b))).to.deep.equal(['started a'])
    expect(of(t.lists(a, b))).to.deep.equal([])
    expect(of(t.says(a))).to.deep.equal([])
    expect(of(t.shows({ t1: { endMs: 1, more: { err: 'no space' } } }))).to.deep.equal(['failed a'])
    expect(of(t.lists(a, b))).to.deep.equal([])
    // It came and went between two lists.
    const c = status('c', { endTime: 7n })
    expect(of(t.lists(a, b, c))).to.deep.equal(['started c'])
    expect([...of(t.says(c)), ...of(t.shows({ t1: { id: 'c', endMs: 1 } }))]).to.deep.equal(['finished c'])
    expect(of(t.lists())).to.deep.equal([])
  })

  it('of two members of the Information Center that take turns: none twice, whatever one forgot', () => {
    const t = watching({ isListed: true, kinds: [] })
    const [a, p] = [status('a', { endTime: 6n }), status('p', { endTime: 3n })]
    expect(of(t.lists(status('a'), p))).to.deep.equal(['started a'])
    expect(of(t.lists())).to.deep.equal([])
    expect(of(t.lists(a, p))).to.deep.equal([])
    expect([...of(t.says(a)), ...of(t.shows({ t1: { endMs: 1 } }))]).to.deep.equal(['finished a'])
    for (const rows of [[status('a')], [{ ...a, endTime: 50n }, p, status('q', { endTime: 2n })], [], [status('a')]])
      expect(of(t.lists(...rows))).to.deep.equal([])
  })

  const act = fc.record({
    target: fc.constantFrom('t1', 't2', 't3'),
    id: fc.constantFrom('a', 'b'),
    startMs: fc.option(fc.constantFrom(1, 2, 40)),
    endMs: fc.option(fc.integer({ min: 2, max: 60 })),
    objects: fc.nat(5),
    isIdle: fc.boolean(),
    aborted: fc.boolean(),
    err: fc.constantFrom('', '', 'disk full'),
  })

  it('begin with one start, end at most once, and take turns in between; the row never says anything else', () => {
    let ends = 0
    fc.assert(
      fc.property(fc.array(fc.array(act, { maxLength: 6 }), { maxLength: 20 }), (replies) => {
        const t = watching()
        const phases = new Map<string, string>()
        const starts = new Map<string, number>()
        for (const acts of replies) {
          const targets: Record<string, PartOptions[]> = {}
          for (const { target, id, startMs, endMs, objects, isIdle, aborted, err } of acts)
            (targets[target] ??= []).push({
              id,
              startMs,
              objects,
              more: { isIdle, aborted, err },
              ...(endMs === null ? {} : { endMs }),
            })
          // An id that begins anew may be over at once: then its row is of the run that no event tells of.
          const renewed = new Set<string>()
          for (const { target, id, startMs } of acts) {
            const key = `${target} ${id}`
            if ((startMs ?? 0) > (starts.get(key) ?? Infinity)) renewed.add(id)
            starts.set(key, startMs ?? 0)
          }
          const { events, rows } = t.shows(targets)
          for (const event of events) {
            const [type = '', id = ''] = event.split(' ')
            const phase = phases.get(id) ?? 'over'
            const isEnd = ['finished', 'failed', 'aborted', 'vanished'].includes(type)
            if (type === 'started') expect(phase, event).to.equal('over')
            else if (isEnd) expect(phase, event).not.to.equal('over')
            else if (type === 'resumed') expect(phase, event).to.equal('idle')
            else expect(phase, event).to.equal('running')
            phases.set(id, isEnd ? 'over' : type === 'idle' ? 'idle' : 'running')
            if (!isEnd) continue
            ends += 1
            const row = rows.get(id)
            const isLast = events.findLast((other) => other.endsWith(id)) === event
            if (row !== undefined && isLast && !renewed.has(id))
              expect(row.state, event).to.equal(type === 'vanished' ? 'lost' : type)
          }
        }
      }),
      { numRuns: 300 },
    )
    expect(ends).to.be.above(50)
  })
})
