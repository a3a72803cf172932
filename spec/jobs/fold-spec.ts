import { expect } from 'chai'
import fc from 'fast-check'
import type { JobStatus } from '../../lib/codec/job-status.ts'
import { NOTHING, withEnds, withTable, type End, type Looks, type Seen } from '../../lib/jobs/fold.ts'
import type { JobRow } from '../../lib/jobs/row.ts'
import { buildSnapshots } from '../../lib/snapshot.ts'
import type { Table } from '../../lib/table.ts'

const all = (): boolean => true
const nobody: Looks = new Map()
const status = (id: string, more: Partial<JobStatus> = {}): JobStatus => ({
  ...{ id, kind: 'lru', err: '', aborted: false },
  ...more,
})
const tableOf = (...rows: readonly JobStatus[]): Table => new Map(rows.map((row) => [row.id, row]))
const states = ({ jobs }: Seen): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(jobs).map(([id, { state }]) => [id, state]))

/** Folds lists one after the other. */
const after = (...tables: readonly Table[]): ReturnType<typeof withTable> =>
  tables.reduce((last, table) => withTable(last.seen, table, all, nobody), {
    seen: NOTHING,
    ask: [] as readonly string[],
  })

describe('the fold of a live table', () => {
  it('asks how those ended that were seen at work, or came and went between two lists; not of those before', () => {
    const { seen, ask } = after(
      tableOf(status('a'), status('b', { endTime: 1n })),
      tableOf(status('a', { endTime: 2n }), status('b', { endTime: 1n }), status('c', { endTime: 3n })),
    )
    expect(ask).to.deep.equal(['a', 'c'])
    expect(states(seen)).to.deep.equal({ a: 'ended', b: 'ended', c: 'ended' })
  })

  it('asks once; again with the next list where it could not be learnt, or is not over there', () => {
    const over = tableOf(status('a', { endTime: 2n }))
    const first = after(tableOf(status('a')), over)
    expect(withTable(first.seen, over, all, nobody).ask).to.deep.equal([])
    for (const end of [undefined, status('a')]) {
      const failed = withEnds(first.seen, [['a', end]])
      expect(failed.jobs).to.equal(first.seen.jobs)
      const again = withTable(failed, over, all, nobody)
      expect(again.ask).to.deep.equal(['a'])
      const told = withEnds(again.seen, [['a', status('a', { endTime: 2n, err: 'no space' })]])
      expect(told.jobs['a']).to.deep.equal({ id: 'a', kind: 'lru', state: 'failed', endTime: 2n, error: 'no space' })
      expect(withTable(told, over, all, nobody)).to.deep.equal({ seen: told, ask: [] })
    }
  })

  it('tells an abort from a list, and why from the answer', () => {
    const { seen, ask } = after(tableOf(status('a')), tableOf(status('a', { aborted: true })))
    expect(ask).to.deep.equal(['a'])
    expect(seen.jobs['a']).to.deep.equal({ id: 'a', kind: 'lru', state: 'aborted' })
    const full = status('a', { aborted: true, endTime: 3n, err: 'user abort' })
    expect(withEnds(seen, [['a', full]]).jobs['a']).to.deep.equal({
      ...{ id: 'a', kind: 'lru', state: 'aborted', endTime: 3n, error: 'user abort' },
    })
  })

  it('forgets an end with a job that leaves, or that is at work again', () => {
    const over = tableOf(status('a', { endTime: 2n }))
    const ended = after(tableOf(status('a')), over).seen
    const told = withEnds(ended, [['a', status('a', { endTime: 2n })]])
    expect(states(told)).to.deep.equal({ a: 'finished' })
    for (const between of [tableOf(), tableOf(status('a'))]) {
      const { seen } = withTable(told, between, all, nobody)
      expect(withTable(seen, over, all, nobody).ask, 'anew').to.deep.equal(['a'])
      // An answer that comes late is nobody's.
      expect(
        withEnds(withTable(ended, between, all, nobody).seen, [['a', status('a', { endTime: 2n })]]).jobs,
      ).to.deep.equal(seen.jobs)
    }
  })

  it('shows what somebody looks at as long as somebody does, and the same object while it shows the same', () => {
    const snap = { id: 'a', kind: 'lru', stats: { objects: 1n } }
    const looks = (objects: bigint): Looks =>
      new Map([['a', { snapshots: buildSnapshots([['t1', [{ ...snap, stats: { objects } } as never]]]) }]])
    const table = tableOf(status('a'), status('b'))
    const { seen } = withTable(NOTHING, table, all, looks(1n))
    expect(seen.jobs['a']).to.have.deep.nested.property('snapshots.t1[0].stats.objects', 1n)
    expect(seen.jobs['b']).not.to.have.property('snapshots')
    const same = withTable(seen, table, all, looks(1n)).seen
    expect(same.jobs).to.equal(seen.jobs)
    const grown = withTable(same, table, all, looks(2n)).seen
    expect(grown.jobs['a']).to.have.deep.nested.property('snapshots.t1[0].stats.objects', 2n)
    expect(grown.jobs['b']).to.equal(seen.jobs['b'])
    const left = withTable(grown, table, all, nobody).seen
    expect(left.jobs['a']).to.deep.equal({ id: 'a', kind: 'lru', state: 'running' })
    expect(withTable(left, table, all, new Map([['a', { snapshots: undefined }]])).seen.jobs).to.equal(left.jobs)
  })

  it('keeps what is looked at through its end', () => {
    const looks: Looks = new Map([['a', { snapshots: buildSnapshots([['t1', []]]) }]])
    const over = tableOf(status('a', { endTime: 2n }))
    const { seen } = withTable(withTable(NOTHING, tableOf(status('a')), all, looks).seen, over, all, looks)
    const told = withEnds(seen, [['a', status('a', { endTime: 2n })]])
    expect(told.jobs['a']).to.have.property('state', 'finished')
    expect(told.jobs['a']).to.have.property('snapshots')
  })

  it('takes ids of any text, and has no others', () => {
    const { seen } = after(tableOf(status('__proto__'), status('constructor')))
    expect(Object.keys(seen.jobs)).to.deep.equal(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(seen.jobs)).to.equal(null)
    expect('toString' in seen.jobs).to.equal(false)
  })

  // ── whatever happens ─────────────────────────────────────────────────────────────────────────────────────────

  /** What a list says of each job, and how often an answer about an end came before it. */
  interface Act {
    readonly rows: readonly ('absent' | 'running' | 'over' | 'aborted')[]
    readonly kinds: readonly boolean[]
    /** Which of those asked for are answered then, and how. */
    readonly answers: readonly ('none' | 'failed' | 'open' | 'well' | 'err' | 'aborted')[]
  }
  const IDS = ['a', 'b', 'c', 'd', '7']
  const act: fc.Arbitrary<Act> = fc.record({
    rows: fc.tuple(...IDS.map(() => fc.constantFrom('absent', 'running', 'over', 'aborted'))),
    kinds: fc.tuple(...IDS.map(() => fc.boolean())),
    answers: fc.tuple(...IDS.map(() => fc.constantFrom('none', 'failed', 'open', 'well', 'err', 'aborted'))),
  })

  const told = (id: string, how: Act['answers'][number]): JobStatus | undefined => {
    if (how === 'failed') return undefined
    if (how === 'open') return status(id)
    return status(id, { endTime: 9n, aborted: how === 'aborted', err: how === 'well' ? '' : how })
  }

  it('agrees with the last list, shares what has not changed, and calls nothing finished that was not told in full', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 12 }), fc.boolean(), (acts, fresh) => {
        let seen = NOTHING
        const texts = new Map<string, JobStatus>()
        const asked = new Set<string>()
        let full = new Map<string, JobStatus>()
        let first: ReadonlySet<string> | undefined
        for (const { rows, kinds, answers } of acts) {
          const table = new Map<string, JobStatus>()
          for (const [n, id] of IDS.entries()) {
            if (rows[n] === 'absent') continue
            const one = status(id, {
              ...(rows[n] === 'running' ? {} : { endTime: 5n, aborted: rows[n] === 'aborted' }),
              ...(kinds[n] === true ? { kind: 'rebalance' } : {}),
            })
            // As the table gives it: what has not changed is the same object, unless the poll is a new one.
            const text = `${id} ${rows[n]} ${one.kind}`
            const known = fresh ? one : (texts.get(text) ?? one)
            texts.set(text, known)
            table.set(id, known)
          }
          const last = seen.jobs
          const next = withTable(seen, table, all, nobody)
          seen = next.seen
          first ??= new Set([...table.values()].flatMap(({ id, endTime }) => (endTime === undefined ? [] : [id])))
          // Who left or is at work has nothing told of it.
          full = new Map([...full].filter(([id]) => table.get(id)?.endTime !== undefined))
          first = new Set([...first].filter((id) => table.get(id)?.endTime !== undefined))
          for (const id of asked) if (table.get(id)?.endTime === undefined) asked.delete(id)
          for (const id of next.ask) {
            expect(asked.has(id), `${id} is asked for already`).to.equal(false)
            expect(full.has(id), `${id} is told already`).to.equal(false)
            expect(table.get(id)).to.have.property('endTime', 5n)
            asked.add(id)
          }
          const before = first
          for (const { id, endTime } of table.values())
            if (endTime !== undefined)
              expect(Number(before.has(id)) + Number(asked.has(id)) + Number(full.has(id)), id).to.equal(1)
          expect(Object.keys(seen.jobs).sort()).to.deep.equal([...table.keys()].sort())
          agrees(seen, table, full)
          shares(last, seen.jobs)
          const ends = IDS.flatMap((id, n): readonly End[] =>
            answers[n] === 'none' ? [] : [[id, told(id, answers[n]!)]],
          )
          for (const [id, end] of ends)
            if (asked.delete(id) && end?.endTime !== undefined && seen.jobs[id] !== undefined) full.set(id, end)
          const unanswered = seen.jobs
          seen = withEnds(seen, ends)
          agrees(seen, table, full)
          shares(unanswered, seen.jobs)
        }
      }),
      { numRuns: 500 },
    )
  })

  function agrees({ jobs }: Seen, table: Table, full: ReadonlyMap<string, JobStatus>): void {
    for (const row of Object.values(jobs)) {
      const listed = table.get(row.id)!
      const end = full.get(row.id)
      const state: JobRow['state'] =
        end !== undefined
          ? end.aborted
            ? 'aborted'
            : end.err === ''
              ? 'finished'
              : 'failed'
          : listed.aborted
            ? 'aborted'
            : listed.endTime === undefined
              ? 'running'
              : 'ended'
      const { kind, endTime, err } = end ?? listed
      expect(row).to.deep.equal({
        ...{ id: row.id, kind, state },
        ...(endTime === undefined ? {} : { endTime }),
        ...(err === '' ? {} : { error: err }),
      })
    }
  }

  /** The same object where it is equal, and the same table where all are. */
  function shares(last: Seen['jobs'], next: Seen['jobs']): void {
    const text = (row: unknown): string =>
      JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
    const ids = new Set([...Object.keys(last), ...Object.keys(next)])
    for (const id of ids) expect(last[id] === next[id], id).to.equal(text(last[id]) === text(next[id]))
    expect(last === next, 'the table').to.equal([...ids].every((id) => last[id] === next[id]))
  }

  it('costs little where little has changed: 10,000 rows, one in a hundred another', () => {
    const n = 10_000
    const row = (i: number, endTime?: bigint): JobStatus =>
      status(`job${String(i).padStart(7, '0')}`, endTime === undefined ? {} : { endTime })
    let rows = Array.from({ length: n }, (_, i) => row(i))
    const tables = Array.from({ length: 20 }, (_, tick) => {
      rows = rows.map((one, i) => (i % 100 === tick ? row(i, one.endTime === undefined ? 7n : undefined) : one))
      return tableOf(...rows)
    })
    let seen = NOTHING
    const took = tables.map((table) => {
      const at = performance.now()
      seen = withTable(seen, table, all, nobody).seen
      return performance.now() - at
    })
    // The best of many, so that a busy machine does not matter; it was 22 ms before it was looked after.
    expect(Math.min(...took)).to.be.below(8)
    expect(withTable(seen, tables.at(-1)!, all, nobody).seen).to.equal(seen)
  })
})
