import { expect } from 'chai'
import type { Progress } from '../../lib/progress/progress-of.ts'
import { AIM, KIND, at, fold, shown, told, unknown, type PartOptions } from './helpers/readings.ts'

const last = (all: readonly Progress[]): Progress => all.at(-1)!
const objects = (all: readonly Progress[]): readonly number[] => all.map((one) => one.objects)

describe('the counters of a job', () => {
  it('are those of each target and their sum', () => {
    const [one] = told(at([0, shown({ t1: { objects: 3 }, t2: { objects: 4, endMs: 9 } })]))
    expect(one).to.deep.include({ objects: 7, bytes: 7168, state: 'running' })
    expect(one?.targets).to.deep.equal({
      t1: { objects: 3, bytes: 3072, state: 'running' },
      t2: { objects: 4, bytes: 4096, state: 'finished' },
    })
  })

  it('are, of a rebalance, what is sent; of any other kind, what is worked on', () => {
    const counters = { objects: 3, out: 50 }
    expect(last(told(at([0, shown({ t1: { ...counters, kind: 'rebalance' } })]))).objects).to.equal(50)
    expect(last(told(at([0, shown({ t1: { ...counters, kind: 'copy-bck' } })]))).objects).to.equal(3)
  })

  it('are summed over all ids that were asked for', () => {
    const reading = shown({ t1: [{ id: 'a', objects: 1 }, { id: 'b', objects: 2 }], t2: { id: 'b', objects: 4 } }) // prettier-ignore
    const one = last(told(at([0, reading]), { ...AIM, ids: ['a', 'b'] }))
    expect(one.objects).to.equal(7)
    expect(one.targets).to.deep.equal({
      t1: { objects: 3, bytes: 3072, state: 'running' },
      t2: { objects: 4, bytes: 4096, state: 'running' },
    })
  })

  it('keep a target that is missing as it was, and go on with it when it is back', () => {
    const readings = at(
      [0, shown({ t1: { objects: 10 }, t2: { objects: 5 } })],
      [1000, shown({ t1: { objects: 20 } })],
      [2000, shown({})],
      [3000, shown({ t1: { objects: 30 }, t2: { objects: 50 } })],
    )
    expect(objects(told(readings))).to.deep.equal([15, 25, 25, 80])
    expect(told(readings)[2]?.targets['t2']).to.deep.equal({ objects: 5, bytes: 5120, state: 'running' })
  })

  it('never go back within a run, though a target says less', () => {
    const readings = at(
      [0, shown({ t1: { objects: 10 } })],
      [1000, shown({ t1: { objects: 4 } })],
      [2000, shown({ t1: { objects: 11 } })],
    )
    expect(objects(told(readings))).to.deep.equal([10, 10, 11])
  })

  it('take a negative count for none', () => {
    expect(last(told(at([0, shown({ t1: { objects: -5 }, t2: { objects: 3 } })]))).objects).to.equal(3)
  })

  it('begin anew when a target shows the id with a later start', () => {
    const readings = at(
      [0, shown({ t1: { objects: 90, endMs: 50 }, t2: { objects: 70, endMs: 60 } })],
      [1000, shown({ t1: { objects: 2, startMs: 900 }, t2: { objects: 70, endMs: 60 } })],
      [2000, shown({ t1: { objects: 4, startMs: 900 }, t2: { objects: 70, endMs: 60 } })],
      [3000, shown({ t1: { objects: 6, startMs: 900 }, t2: { objects: 1, startMs: 2500 } })],
    )
    const all = told(readings)
    expect(objects(all)).to.deep.equal([160, 2, 4, 1 + 6])
    expect(Object.keys(all[2]!.targets), 'the part of the run before is none of it').to.deep.equal(['t1'])
    expect(all.map(({ state }) => state)).to.deep.equal(['finished', 'running', 'running', 'running'])
  })

  it('keep in a new run who goes on from the one before, and drop who is missing until it begins too', () => {
    const readings = at(
      [0, shown({ t1: { objects: 10 }, t2: { objects: 20 }, t3: { objects: 40 } })],
      [1000, shown({ t1: { objects: 1, startMs: 900 }, t2: { objects: 21 } })],
      [2000, shown({ t1: { objects: 2, startMs: 900 }, t2: { objects: 22, endMs: 1500 }, t3: { objects: 41 } })],
      [3000, shown({ t1: { objects: 2, startMs: 900 }, t2: { objects: 22, endMs: 1500 }, t3: { startMs: 2500 } })],
    )
    expect(objects(told(readings))).to.deep.equal([70, 22, 24, 24])
  })

  it('take no earlier start for a new run', () => {
    const readings = at(
      [0, shown({ t1: { objects: 1, startMs: 900 } })],
      [1000, shown({ t1: { objects: 90, startMs: 100, endMs: 200 } })],
    )
    expect(last(told(readings))).to.deep.include({ objects: 1, state: 'running' })
  })

  it('take the begin of a part for no new run', () => {
    const readings = at(
      [0, shown({ t1: { startMs: null }, t2: { objects: 5 } })],
      [1000, shown({ t1: { objects: 3 } })],
    )
    expect(last(told(readings)).objects).to.equal(8)
  })

  it('are of two records on one target the later run, and of one run the record that goes on', () => {
    const one = [{ objects: 1, startMs: 5 }, { objects: 90, startMs: 4 }] as const // prettier-ignore
    const two = [{ objects: 90, endMs: 9 }, { objects: 1 }] as const
    for (const pair of [one, [...one].reverse(), two, [...two].reverse()])
      expect(last(told(at([0, shown({ t1: pair })])))).to.deep.include({ objects: 1, state: 'running' })
  })

  it('survive a target that is called like a member of every object', () => {
    const reading = shown(
      JSON.parse('{"__proto__":{"objects":3},"constructor":{"objects":4},"toString":{}}') as Record<
        string,
        PartOptions
      >,
    )
    const one = last(told(at([0, reading])))
    expect(Object.getPrototypeOf(one.targets)).to.equal(null)
    expect(Object.keys(one.targets)).to.deep.equal(['__proto__', 'constructor', 'toString'])
    expect(one.objects).to.equal(7)
  })

  it('are exact beyond 2^53 until they are shown', () => {
    const huge = 2n ** 53n
    const readings = at(
      [0, shown({ t1: { objects: huge }, t2: { objects: 1 } })],
      [1000, shown({ t1: { objects: huge }, t2: { objects: 2 } })],
    )
    expect(objects(told(readings))).to.deep.equal([2 ** 53, 2 ** 53 + 2])
  })
})

describe('what is followed', () => {
  const kinds = (...readings: (readonly [number, ReturnType<typeof shown>])[]): readonly number[] =>
    objects(told(at(...readings), KIND))

  it('is, by kind, the run at work that started last', () => {
    const runs = [{ id: 'a', objects: 1 }, { id: 'b', objects: 2, startMs: 5 }, { id: 'c', objects: 4, startMs: 9, endMs: 10 }] // prettier-ignore
    expect(kinds([0, shown({ t1: runs })])).to.deep.equal([2])
    expect(kinds([0, shown({ t1: [...runs].reverse() })])).to.deep.equal([2])
    expect(kinds([0, shown({ t1: runs[0]!, t2: runs[1]!, t3: runs[2]! })])).to.deep.equal([2])
  })

  it('is the one that started last of all where none is at work', () => {
    const runs = [{ id: 'a', objects: 1, endMs: 90 }, { id: 'b', objects: 2, startMs: 5, endMs: 6 }] // prettier-ignore
    expect(kinds([0, shown({ t1: runs })])).to.deep.equal([2])
  })

  it('is a run that has not begun before all others', () => {
    const runs = [{ id: 'a', objects: 1 }, { id: 'b', startMs: null }] // prettier-ignore
    expect(told(at([0, shown({ t1: runs })]), KIND)[0]).to.deep.include({ objects: 0, state: 'starting' })
  })

  it('is a later run as soon as one is at work, and never an older one again', () => {
    const [a, b] = [{ id: 'a', objects: 1 }, { id: 'b', objects: 2, startMs: 5 }] // prettier-ignore
    expect(
      kinds(
        [0, shown({ t1: a })],
        [1000, shown({ t1: a, t2: { ...b, endMs: 6 } })],
        [2000, shown({ t1: a, t2: b })],
        [3000, shown({ t1: a, t2: { ...b, endMs: 2500 } })],
        [4000, shown({ t1: a })],
      ),
    ).to.deep.equal([1, 1, 2, 2, 2])
  })

  it('is with onlyRunning none that had ended before it was seen, and one that ends to its end', () => {
    const ended = shown({ t1: { objects: 9, endMs: 1 } })
    const running = shown({ t1: { objects: 5, startMs: 2 } })
    const over = shown({ t1: { objects: 7, startMs: 2, endMs: 3 } })
    for (const aim of [AIM, KIND]) {
      const all = told(at([0, ended], [1000, running], [2000, over]), { ...aim, onlyRunning: true })
      expect(all.map(({ objects: count, state }) => [count, state])).to.deep.equal([
        [0, 'starting'],
        [5, 'running'],
        [7, 'finished'],
      ])
    }
  })

  it('is nobody while nobody shows it', () => {
    for (const reading of [shown({}), shown({ t1: [] })])
      expect(told(at([0, reading]))[0]).to.deep.equal({
        ...{ objects: 0, bytes: 0, elapsedMs: 0, state: 'starting', stalled: false },
        targets: Object.create(null) as object,
      })
  })

  it('forgets nothing over Lefts', () => {
    const before = fold(at([0, shown({ t1: { objects: 3 } })]))
    expect(fold(at([0, shown({ t1: { objects: 3 } })], [9000, unknown]))).to.deep.equal(before)
  })
})
