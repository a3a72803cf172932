import { expect } from 'chai'
import fc from 'fast-check'
import type { PartOptions } from '../../helpers/parts.ts'
import { lruStatus, watching, type Changes } from './helpers/watching.ts'
import { casesOf } from '../../fuzz/seed.ts'

// The events of `jobEvents`: each is a difference between what two replies show of a run.

const typesOf = ({ events }: Changes): readonly string[] => events
const idlePart = (objects: number): PartOptions => ({ objects, more: { isIdle: true } })

describe('the events of a run', () => {
  it('report the progress that snapshots show, and when a run becomes idle and resumes', () => {
    const watched = watching()
    expect(typesOf(watched.feedSnapshots({ t1: { objects: 0 }, t2: idlePart(0) }))).to.deep.equal(['started a'])
    expect(typesOf(watched.feedSnapshots({ t1: { objects: 0 }, t2: idlePart(0) }))).to.deep.equal([])
    expect(typesOf(watched.feedSnapshots({ t1: { objects: 1 }, t2: {} }))).to.deep.equal(['progressed a'])
    expect(typesOf(watched.feedSnapshots({ t1: idlePart(1), t2: idlePart(0) }))).to.deep.equal(['idle a'])
    // It resumed and became idle again in between.
    expect(typesOf(watched.feedSnapshots({ t1: idlePart(3), t2: idlePart(0) }))).to.deep.equal([
      'resumed a',
      'progressed a',
      'idle a',
    ])
    expect(typesOf(watched.feedSnapshots({ t1: { objects: 3 }, t2: idlePart(0) }))).to.deep.equal(['resumed a'])
    expect(typesOf(watched.feedSnapshots({ t1: idlePart(4), t2: idlePart(0) }))).to.deep.equal([
      'progressed a',
      'idle a',
    ])
    expect(typesOf(watched.feedSnapshots({ t1: { objects: 4, endMs: 9 }, t2: { endMs: 9 } }))).to.deep.equal([
      'finished a',
    ])
    expect(typesOf(watched.feedSnapshots({ t1: { objects: 9, endMs: 9 }, t2: { endMs: 9 } }))).to.deep.equal([])
  })

  it('begin with `idle` if a run is idle when it is first seen', () => {
    expect(typesOf(watching().feedSnapshots({ t1: idlePart(0) }))).to.deep.equal(['started a', 'idle a'])
  })

  it('are absent for a run that no target has started', () => {
    const watched = watching()
    expect(typesOf(watched.feedSnapshots({ t1: { startMs: null } }))).to.deep.equal([])
    expect(typesOf(watched.feedSnapshots({ t1: { startMs: null }, t2: {} }))).to.deep.equal(['started a'])
  })

  it('take nothing back if a target is missing for a while, or reports less', () => {
    const watched = watching()
    watched.feedSnapshots({ t1: { objects: 5 }, t2: { objects: 5 } })
    expect(typesOf(watched.feedSnapshots({ t1: { objects: 5 } }))).to.deep.equal([])
    expect(typesOf(watched.feedSnapshots({}))).to.deep.equal([])
    expect(typesOf(watched.feedSnapshots({ t1: { objects: 5 }, t2: { objects: 5 } }))).to.deep.equal([])
    expect(typesOf(watched.feedSnapshots({ t1: { objects: 6 } }))).to.deep.equal(['progressed a'])
    expect(typesOf(watched.feedSnapshots({ t2: { objects: 2 } }))).to.deep.equal([])
    expect(typesOf(watched.feedSnapshots({ t2: { objects: 6 } }))).to.deep.equal(['progressed a'])
    // A target that joins has completed some work.
    expect(typesOf(watched.feedSnapshots({ t3: { objects: 1 } }))).to.deep.equal(['progressed a'])
  })

  it('start again for an id that starts again, and are absent for a run that is over in the first reply', () => {
    const watched = watching()
    expect(typesOf(watched.feedSnapshots({ t1: [{ id: 'p', endMs: 20 }, { id: 'g' }] }))).to.deep.equal(['started g'])
    const p = { id: 'p', endMs: 20 }
    expect(typesOf(watched.feedSnapshots({ t1: [p, { id: 'g', endMs: 30 }] }))).to.deep.equal(['finished g'])
    expect(typesOf(watched.feedSnapshots({ t1: [p, { id: 'g', startMs: 40 }] }))).to.deep.equal(['started g'])
    expect(
      typesOf(watched.feedSnapshots({ t1: [p, { id: 'g', startMs: 40, endMs: 50, more: { err: 'disk full' } }] })),
    ).to.deep.equal(['failed g'])
    // This target was missing from the first reply.
    expect(typesOf(watched.feedSnapshots({ t2: { id: 'q', endMs: 19 } }))).to.deep.equal([])
  })

  it('end a run that another one replaces before its own end is known', () => {
    const watched = watching()
    watched.feedSnapshots({ t1: {}, t2: {} })
    expect(typesOf(watched.feedSnapshots({ t1: { endMs: 5 }, t2: {} }))).to.deep.equal([])
    expect(typesOf(watched.feedSnapshots({ t1: { startMs: 9 } }))).to.deep.equal(['vanished a', 'started a'])
    watched.feedSnapshots({ t1: { startMs: 9, more: { aborted: true } }, t2: { startMs: 9 } })
    expect(typesOf(watched.feedSnapshots({ t1: { startMs: 20 } }))).to.deep.equal(['aborted a', 'started a'])
  })

  it('report a start as soon as a list shows it, an end when it is certain, and nothing about a run that is over in the first list', () => {
    const watched = watching({ isListed: true, kinds: [] })
    const [a, b] = [lruStatus('a', { endTime: 6n }), lruStatus('b', { endTime: 5n })]
    expect(typesOf(watched.feedList(lruStatus('a'), b))).to.deep.equal(['started a'])
    // The end is certain only after the full status and the targets have confirmed it.
    expect(typesOf(watched.feedList(a, b))).to.deep.equal([])
    expect(typesOf(watched.feedStatus(a))).to.deep.equal([])
    expect(typesOf(watched.feedSnapshots({ t1: { endMs: 1, more: { err: 'no space' } } }))).to.deep.equal(['failed a'])
    expect(typesOf(watched.feedList(a, b))).to.deep.equal([])
    // The run started and ended between two lists.
    const c = lruStatus('c', { endTime: 7n })
    expect(typesOf(watched.feedList(a, b, c))).to.deep.equal(['started c'])
    expect([
      ...typesOf(watched.feedStatus(c)),
      ...typesOf(watched.feedSnapshots({ t1: { id: 'c', endMs: 1 } })),
    ]).to.deep.equal(['finished c'])
    expect(typesOf(watched.feedList())).to.deep.equal([])
  })

  it('are never repeated, even if one of two members of the Information Center forgets runs', () => {
    const watched = watching({ isListed: true, kinds: [] })
    const [a, p] = [lruStatus('a', { endTime: 6n }), lruStatus('p', { endTime: 3n })]
    expect(typesOf(watched.feedList(lruStatus('a'), p))).to.deep.equal(['started a'])
    expect(typesOf(watched.feedList())).to.deep.equal([])
    expect(typesOf(watched.feedList(a, p))).to.deep.equal([])
    expect([...typesOf(watched.feedStatus(a)), ...typesOf(watched.feedSnapshots({ t1: { endMs: 1 } }))]).to.deep.equal([
      'finished a',
    ])
    for (const rows of [
      [lruStatus('a')],
      [{ ...a, endTime: 50n }, p, lruStatus('q', { endTime: 2n })],
      [],
      [lruStatus('a')],
    ])
      expect(typesOf(watched.feedList(...rows))).to.deep.equal([])
  })

  const anyAct = fc.record({
    target: fc.constantFrom('t1', 't2', 't3'),
    id: fc.constantFrom('a', 'b'),
    startMs: fc.option(fc.constantFrom(1, 2, 40)),
    endMs: fc.option(fc.integer({ min: 2, max: 60 })),
    objects: fc.nat(5),
    isIdle: fc.boolean(),
    aborted: fc.boolean(),
    err: fc.constantFrom('', '', 'disk full'),
  })

  it('begin with one start, end at most once, and alternate in between; the row never contradicts them', () => {
    let ends = 0
    fc.assert(
      fc.property(fc.array(fc.array(anyAct, { maxLength: 6 }), { maxLength: 20 }), (replies) => {
        const watched = watching()
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
          // An id that starts again may be over at once: then its row describes the run without events.
          const renewed = new Set<string>()
          for (const { target, id, startMs } of acts) {
            const key = `${target} ${id}`
            if ((startMs ?? 0) > (starts.get(key) ?? Infinity)) renewed.add(id)
            starts.set(key, startMs ?? 0)
          }
          const { events, rows } = watched.feedSnapshots(targets)
          for (const event of events) {
            const [type = '', id = ''] = event.split(' ')
            const phase = phases.get(id) ?? 'over'
            const isEnd = ['finished', 'failed', 'aborted', 'vanished'].includes(type)
            if (type === 'started') expect(phase, event).to.equal('over')
            else if (isEnd) expect(phase, event).not.to.equal('over')
            else if (type === 'resumed') expect(phase, event).to.equal('idle')
            else expect(phase, event).to.equal('running')
            const openPhase = type === 'idle' ? 'idle' : 'running'
            phases.set(id, isEnd ? 'over' : openPhase)
            if (!isEnd) continue
            ends += 1
            const row = rows.get(id)
            const isLast = events.findLast((other) => other.endsWith(id)) === event
            if (row !== undefined && isLast && !renewed.has(id))
              expect(row.state, event).to.equal(type === 'vanished' ? 'lost' : type)
          }
        }
      }),
      { numRuns: casesOf(300) },
    )
    expect(ends).to.be.above(50)
  })
})
