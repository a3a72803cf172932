import { expect } from 'chai'
import { caseOf } from '../../../lib/view/case.ts'
import type { Evidence } from '../../../lib/view/evidence.ts'
import { pastRow, tableOfRows } from '../../../lib/view/rows.ts'
import { runOf } from '../../../lib/view/view.ts'
import {
  ID,
  goalOf,
  listReply as list,
  waitAfter,
  mapReply,
  snapshotsReply,
  statusOf,
  statusReply,
} from './helpers/facts.ts'
import { lruStatus, watching } from './helpers/watching.ts'

// The rows of `watchJobs`, one for each run.
//
// Of a reply such as `statusReply({}, 0, 100)`, the numbers are when its request was sent and when it came, in milliseconds.

const watchingList = () => watching({ isListed: true, kinds: [] })

describe('a row of a run that was over before its stream began', () => {
  const stateOf = (kind: string, log: readonly Evidence[]): string => {
    const { view, standing } = waitAfter(goalOf(), log)
    const theCase = caseOf(view, goalOf(), standing, 0)
    const run = runOf(view, ID)
    if (run === undefined) throw new Error(`no run of ${kind}`)
    return pastRow(theCase, run).state
  }

  it('has only the state `ended` while other streams, which saw the run open, have not confirmed an abort (law 7)', () => {
    const aborted = list([statusOf({ aborted: true, endTime: 9n })], 10)
    expect(stateOf('copy-bck', [aborted])).to.equal('aborted')
    expect(stateOf('copy-bck', [list([statusOf()], 0), aborted])).to.equal('ended')
  })

  it('has only the state `ended` for a failure after a list has shown the end, until the full status arrives (law 7)', () => {
    const [parts, row] = [
      snapshotsReply({ t1: { endTime: 5n, err: 'disk full' } }, 0),
      list([statusOf({ endTime: 9n })], 1),
    ]
    expect(stateOf('copy-bck', [parts])).to.equal('failed')
    expect(stateOf('copy-bck', [parts, row])).to.equal('ended')
    expect(stateOf('copy-bck', [parts, row, statusReply({ endTime: 9n }, 2)])).to.equal('failed')
    const aborted = snapshotsReply({ t1: { endTime: 5n, aborted: true } }, 0)
    expect(stateOf('copy-bck', [aborted, row])).to.equal('aborted')
  })

  it('has only the state `ended` if the Information Center may know of an error that no target shows (law 3)', () => {
    for (const kind of ['copy-bck', 'future-kind', 'evict-remote-bck']) {
      const log = [
        mapReply(['t1'], 0),
        snapshotsReply({ t1: { kind, endTime: 5n } }, 0),
        list([statusOf({ kind, endTime: 9n })], 1),
      ]
      expect(stateOf(kind, log), kind).to.equal('ended')
    }
    const parts = snapshotsReply({ t1: { kind: 'future-kind', endTime: 5n } }, 0)
    expect(stateOf('future-kind', [mapReply(['t1'], 0), parts])).to.equal('ended')
  })

  it('has only the state `ended` while a target of the map has not shown its part (law 7)', () => {
    const kind = 'evict-remote-bck'
    const ended = { kind, endTime: 5n }
    expect(stateOf(kind, [snapshotsReply({ t1: ended }, 0)]), 'no map').to.equal('ended')
    expect(stateOf(kind, [mapReply(['t1'], 0), snapshotsReply({ t1: ended }, 0)])).to.equal('finished')
    expect(stateOf(kind, [mapReply(['t1', 't2'], 0), snapshotsReply({ t1: ended }, 0)])).to.equal('ended')
    expect(stateOf(kind, [mapReply(['t1', 't2'], 0), snapshotsReply({ t1: ended, t2: ended }, 0)])).to.equal('finished')
  })
})

describe('a row of a table', () => {
  it('reports no success for a run that was over before, because a list has no errors', () => {
    const { rows } = watchingList().feedList(
      lruStatus('a'),
      lruStatus('b', { endTime: 1n }),
      lruStatus('c', { aborted: true }),
      lruStatus('d', { endTime: 1n, aborted: true }),
    )
    expect([...rows.values()].map(({ state }) => state)).to.deep.equal(['running', 'ended', 'aborted', 'aborted'])
  })

  it('is `running` until the end of the run is certain, and then has the end time and the error', () => {
    const watching = watchingList()
    watching.feedList(lruStatus('a'))
    const ended = lruStatus('a', { endTime: 7n })
    expect(watching.feedList(ended).rows.get('a')?.state).to.equal('running')
    expect(watching.feedStatus(ended).rows.get('a')?.state).to.equal('running')
    const { rows } = watching.feedSnapshots({ t1: { endMs: 1, more: { err: 'no space' } } })
    expect(rows.get('a')).to.deep.equal({
      id: 'a',
      kind: 'lru',
      state: 'failed',
      endTime: 1_000_000n,
      error: 'no space',
    })
  })

  it('has no members without a value', () => {
    expect(watchingList().feedList(lruStatus('a')).rows.get('a')).to.have.all.keys('id', 'kind', 'state')
  })

  it('has the error of a run that is in progress', () => {
    const { rows } = watching().feedSnapshots({ t1: { more: { err: 'one object' } }, t2: {} })
    expect(rows.get('a')).to.include({ state: 'running', error: 'one object' })
  })

  it('is the same object while nothing in it changes, whatever the order of the targets', () => {
    const table = watching({ isWatched: () => true })
    const [t1, t2] = [{ objects: 1 }, { objects: 2 }]
    const first = table.feedSnapshots({ t1, t2 }).rows.get('a')
    expect(table.feedSnapshots({ t2, t1 }).rows.get('a')).to.equal(first)
    expect(table.feedSnapshots({ t1, t2: { objects: 3 } }).rows.get('a')).not.to.equal(first)
  })

  it('has the snapshots of its targets only while somebody watches the run', () => {
    let watched = true
    const table = watching({ isWatched: () => watched })
    expect(Object.keys(table.feedSnapshots({ t1: {}, t2: {} }).rows.get('a')?.snapshots ?? {})).to.deep.equal([
      't1',
      't2',
    ])
    // A missing target shows nothing.
    expect(Object.keys(table.feedSnapshots({ t1: {} }).rows.get('a')?.snapshots ?? {})).to.deep.equal(['t1'])
    watched = false
    expect(table.feedSnapshots({ t1: {}, t2: {} }).rows.get('a')).not.to.have.property('snapshots')
  })

  it('is stored in a table under its id, whatever that is', () => {
    const { rows } = watchingList().feedList(lruStatus('__proto__'))
    const table = tableOfRows(rows.values())
    expect(table['__proto__']).to.equal(rows.get('__proto__'))
    expect(tableOfRows([])).to.deep.equal({})
  })
})
