import { expect } from 'chai'
import { snapshotsOf } from '../../helpers/parts.ts'
import { chosenRuns } from '../../../lib/view/chosen-runs.ts'
import { followEverything } from '../../../lib/view/follow.ts'
import { reduce } from '../../../lib/view/reduce.ts'
import { trackerOf } from '../../../lib/view/tracker.ts'
import { EMPTY_VIEW } from '../../../lib/view/view.ts'
import { ID, listReply, statusOf } from './helpers/facts.ts'
import { BY_ID, BY_KIND, repliesAt, progressesOf } from './helpers/progresses-of.ts'

// Which run `progress` follows if its kind or id has several.

describe('the run that progress follows', () => {
  /** The objects of the chosen run after each reply. */
  const objectsOfChosen = (
    ...readings: (readonly [atMs: number, reply: ReturnType<typeof snapshotsOf>])[]
  ): readonly number[] => progressesOf(repliesAt(...readings), BY_KIND).map(({ objects }) => objects)

  it('is the running one that started last if progress selects by kind', () => {
    const runs = [
      { id: 'a', objects: 1 },
      { id: 'b', objects: 2, startMs: 5 },
      { id: 'c', objects: 4, startMs: 9, endMs: 10 },
    ]
    expect(objectsOfChosen([0, snapshotsOf({ t1: runs })])).to.deep.equal([2])
    expect(objectsOfChosen([0, snapshotsOf({ t1: [...runs].reverse() })])).to.deep.equal([2])
    expect(objectsOfChosen([0, snapshotsOf({ t1: runs[0]!, t2: runs[1]!, t3: runs[2]! })])).to.deep.equal([2])
  })

  it('is the one that started last of all if none is running', () => {
    const runs = [
      { id: 'a', objects: 1, endMs: 90 },
      { id: 'b', objects: 2, startMs: 5, endMs: 6 },
    ]
    expect(objectsOfChosen([0, snapshotsOf({ t1: runs })])).to.deep.equal([2])
  })

  it('is a run that has not started yet, before all others', () => {
    const runs = [
      { id: 'a', objects: 1 },
      { id: 'b', startMs: null },
    ]
    expect(progressesOf(repliesAt([0, snapshotsOf({ t1: runs })]), BY_KIND)[0]).to.deep.include({
      objects: 0,
      state: 'starting',
    })
  })

  it('switches to a later run as soon as that one is running, and never back to an older run', () => {
    const [a, b] = [
      { id: 'a', objects: 1 },
      { id: 'b', objects: 2, startMs: 5 },
    ]
    expect(
      objectsOfChosen(
        [0, snapshotsOf({ t1: a })],
        [1000, snapshotsOf({ t1: a, t2: { ...b, endMs: 6 } })],
        [2000, snapshotsOf({ t1: a, t2: b })],
        [3000, snapshotsOf({ t1: a, t2: { ...b, endMs: 2500 } })],
        [4000, snapshotsOf({ t1: a })],
      ),
    ).to.deep.equal([1, 1, 2, 2, 2])
  })

  it('is a run that was seen running if onlyRunning is set, also after the end of that run', () => {
    const ended = snapshotsOf({ t1: { objects: 9, endMs: 1 } })
    const running = snapshotsOf({ t1: { objects: 5, startMs: 2 } })
    const endedLater = snapshotsOf({ t1: { objects: 7, startMs: 2, endMs: 3 } })
    for (const aim of [BY_ID, BY_KIND]) {
      const all = progressesOf(repliesAt([0, ended], [1000, running], [2000, endedLater]), {
        ...aim,
        onlyRunning: true,
      })
      expect(all.map(({ objects: count, state }) => [count, state])).to.deep.equal([
        [0, 'starting'],
        [5, 'running'],
        [7, 'finished'],
      ])
    }
  })

  it('is never an earlier run that has ended if progress selects by kind and onlyRunning is set', () => {
    const earlier = { id: 'a', objects: 9, startMs: 5, endMs: 6 }
    const all = progressesOf(
      repliesAt([0, snapshotsOf({ t1: earlier })], [1000, snapshotsOf({ t1: [earlier, { id: 'b', objects: 2 }] })]),
      {
        ...BY_KIND,
        onlyRunning: true,
      },
    )
    expect(all.map(({ objects }) => objects)).to.deep.equal([0, 2])
  })

  it('is never one that only a list shows if progress selects by kind', () => {
    const selection = { ids: [], kind: BY_KIND.kind!, onlyRunning: false }
    const tracker = trackerOf(selection, [], 0, { isListed: false, keepsPast: false })
    const view = reduce(followEverything(EMPTY_VIEW), listReply([statusOf({ kind: BY_KIND.kind! })], 0))
    tracker.reduce({ view, nowMs: 0, isWatched: () => false })
    expect([...tracker.tracked.keys()]).to.deep.equal([ID])
    expect(chosenRuns(selection)(tracker)).to.deep.equal([])
  })

  it('is absent as long as no target shows a run', () => {
    for (const reading of [snapshotsOf({}), snapshotsOf({ t1: [] })])
      expect(progressesOf(repliesAt([0, reading]))[0]).to.deep.equal({
        objects: 0,
        bytes: 0,
        elapsedMs: 0,
        state: 'starting',
        stalled: false,
        windingDown: false,
        targets: Object.create(null) as object,
      })
  })
})
