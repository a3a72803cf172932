import { expect } from 'chai'
import fc from 'fast-check'
import type { JobSnap } from '../../lib/codec/job-snap.ts'
import type { JobStatus } from '../../lib/codec/job-status.ts'
import { left, right } from '../../lib/either.ts'
import type { Result } from '../../lib/error.ts'
import type { EventType, JobEvent } from '../../lib/events/event.ts'
import { withEnd, withList, withSnapshots, type Happened } from '../../lib/events/fold.ts'
import { KEPT_MS, unborn } from '../../lib/events/life.ts'
import { buildSnapshots } from '../../lib/snapshot.ts'
import type { Table } from '../../lib/table.ts'
import type { Outcome, WaitResult } from '../../lib/wait-result.ts'

const kind = 'lru'
const status = (id: string, more: Partial<JobStatus> = {}): JobStatus => ({
  ...{ id, kind, err: '', aborted: false },
  ...more,
})
const list = (...rows: readonly JobStatus[]): Table => new Map(rows.map((row) => [row.id, row]))
/** At work since 10, unless told: `null` has not begun. */
const part = (
  id: string,
  { objects = 0n, startTime = 10n, ...more }: Partial<Omit<JobSnap, 'startTime'>> & Begun = {},
): JobSnap => ({
  ...{ id, kind, bck: { name: 'b' }, aborted: false, abortErr: '', err: '', isIdle: false },
  ...{ stats: { objects, bytes: 0n, outObjects: 0n, outBytes: 0n, inObjects: 0n, inBytes: 0n } },
  ...{ ext: null, joggers: 0, workers: 0, chanFull: 0 },
  ...(startTime === null ? {} : { startTime }),
  ...more,
})
interface Begun {
  readonly objects?: bigint
  readonly startTime?: bigint | null
}
const request = { method: 'GET', path: '/', query: '' }
const gone: Result<never> = left({ _tag: 'NotFound', message: 'gone', request })
const unlearnt: Result<never> = left({ _tag: 'TransportError', code: 'E', message: '', permanent: true, request })
const ended = (jobId: string, outcome: Outcome, endTime?: bigint): Result<WaitResult> =>
  right({
    ...{ jobId, kind, outcome, success: outcome === 'finished', aborted: outcome === 'aborted' },
    ...(endTime === undefined ? {} : { endTime }),
  })
const texts = (events: readonly JobEvent[]): readonly string[] => events.map(({ type, job }) => `${type} ${job.id}`)
const brief = ({ events, watch }: Happened): readonly string[] => [
  ...texts(events),
  ...watch.map(({ id }) => `-> ${id}`),
]

/** A stream of events by hand. */
function told() {
  const lives = unborn()
  let atMs = 0
  return {
    lives,
    list: (...rows: readonly JobStatus[]) => brief(withList(lives, list(...rows), (atMs += 1))),
    shows: (targets: Readonly<Record<string, readonly JobSnap[]>>) =>
      brief(withSnapshots(lives, buildSnapshots(Object.entries(targets)), (atMs += 1))),
    ends: (id: string, result: Result<WaitResult>) => texts(withEnd(lives, { id, kind }, result, (atMs += 1))),
    later: (ms: number) => void (atMs += ms),
  }
}

describe('the fold of events', () => {
  it('of lists: tells starts, whoever waits for the ends tells those', () => {
    const t = told()
    expect(t.list(status('a'), status('b', { endTime: 5n }))).to.deep.equal(['started a', '-> a'])
    expect(t.list(status('a'), status('b', { endTime: 5n }))).to.deep.equal([])
    // Came and went in between, and its end has yet to be learnt.
    expect(t.list(status('a', { endTime: 6n }), status('c', { endTime: 7n }))).to.deep.equal(['started c', '-> c'])
    expect(t.ends('c', ended('c', 'failed', 7n))).to.deep.equal(['failed c'])
    expect(t.ends('a', ended('a', 'finished', 6n))).to.deep.equal(['finished a'])
    expect(t.ends('a', ended('a', 'finished', 6n))).to.deep.equal([])
    expect(t.list()).to.deep.equal([])
  })

  it('tells each event with the job, the time, and with an end how it ended', () => {
    const lives = unborn()
    const job = { id: 'a', kind }
    expect(withList(lives, list(status('a')), 7).events).to.deep.equal([{ type: 'started', job, atMs: 7 }])
    const result = ended('a', 'aborted', 9n)
    expect(withEnd(lives, job, result, 8)).to.deep.equal([
      { type: 'aborted', job, atMs: 8, result: (result as { right: WaitResult }).right },
    ])
  })

  it('says vanished of who is lost, or was never seen to end and is not known any more', () => {
    const t = told()
    t.list(status('a'), status('b'))
    expect(t.ends('a', ended('a', 'lost'))).to.deep.equal(['vanished a'])
    expect(t.ends('b', gone)).to.deep.equal(['vanished b'])
    const lives = unborn()
    withList(lives, list(status('b')), 0)
    const [event] = withEnd(lives, { id: 'b', kind }, gone, 1)
    expect(event?.result).to.include({ jobId: 'b', kind, outcome: 'lost', success: false, aborted: false })
  })

  it('has an end waited for again that could not be learnt, also of a job that is listed no more', () => {
    const t = told()
    t.list(status('a'))
    expect(t.ends('a', unlearnt)).to.deep.equal([])
    expect(t.list(status('a'))).to.deep.equal(['-> a'])
    expect(t.list(status('a'))).to.deep.equal([])
    expect(t.ends('a', unlearnt)).to.deep.equal([])
    expect(t.list()).to.deep.equal(['-> a'])
    expect(t.ends('a', gone)).to.deep.equal(['vanished a'])
    expect(t.list()).to.deep.equal([])
  })

  it('of two members of the Information Center that take turns: nothing twice, whatever one has not heard of or forgot', () => {
    const t = told()
    const past = status('p', { endTime: 3n })
    expect(t.list(status('a'), past)).to.deep.equal(['started a', '-> a'])
    expect(t.list()).to.deep.equal([])
    expect(t.list(status('a', { endTime: 5n }), past)).to.deep.equal([])
    expect(t.ends('a', ended('a', 'finished', 5n))).to.deep.equal(['finished a'])
    // One still has it at work, one has another time for its end, one remembers what ended before anybody listened.
    expect(t.list(status('a'))).to.deep.equal([])
    expect(t.list(status('a', { endTime: 50n }), past, status('q', { endTime: 2n }))).to.deep.equal([])
    expect(t.list()).to.deep.equal([])
    expect(t.list(status('a'))).to.deep.equal([])
  })

  it('of targets: what is done, and when they idle and wake', () => {
    const t = told()
    expect(t.shows({ t1: [part('a')], t2: [part('a', { isIdle: true })] })).to.deep.equal(['started a', '-> a'])
    expect(t.shows({ t1: [part('a')], t2: [part('a', { isIdle: true })] })).to.deep.equal([])
    expect(t.shows({ t1: [part('a', { objects: 1n })], t2: [part('a')] })).to.deep.equal(['progressed a'])
    expect(t.shows({ t1: [part('a', { objects: 1n, isIdle: true })] })).to.deep.equal(['idle a'])
    // It woke in between.
    expect(t.shows({ t1: [part('a', { objects: 3n, isIdle: true })] })).to.deep.equal([
      ...['resumed a', 'progressed a', 'idle a'],
    ])
    expect(t.shows({ t1: [part('a', { objects: 3n })] })).to.deep.equal(['resumed a'])
    expect(t.shows({ t1: [part('a', { objects: 4n, isIdle: true })] })).to.deep.equal(['progressed a', 'idle a'])
    expect(t.ends('a', ended('a', 'finished', 20n))).to.deep.equal(['finished a'])
    expect(t.shows({ t1: [part('a', { objects: 9n })] })).to.deep.equal([])
  })

  it('begins with idle where a job idles when it is heard of', () => {
    expect(told().shows({ t1: [part('a', { isIdle: true })] })).to.deep.equal(['started a', 'idle a', '-> a'])
  })

  it('says nothing of a job that no target has begun', () => {
    const t = told()
    const waits = part('a', { startTime: null })
    expect(t.shows({ t1: [waits] })).to.deep.equal([])
    expect(t.shows({ t1: [waits], t2: [part('a')] })).to.deep.equal(['started a', '-> a'])
  })

  it('takes nothing back where a target is away for a while, or begins to count anew', () => {
    const t = told()
    t.shows({ t1: [part('a', { objects: 5n })], t2: [part('a', { objects: 5n })] })
    expect(t.shows({ t1: [part('a', { objects: 5n })] })).to.deep.equal([])
    expect(t.shows({})).to.deep.equal([])
    expect(t.shows({ t1: [part('a', { objects: 5n })], t2: [part('a', { objects: 5n })] })).to.deep.equal([])
    expect(t.shows({ t1: [part('a', { objects: 6n })] })).to.deep.equal(['progressed a'])
    expect(t.shows({ t2: [part('a', { objects: 5n })] })).to.deep.equal([])
    expect(t.shows({ t2: [part('a', { objects: 2n })] })).to.deep.equal([])
    expect(t.shows({ t2: [part('a', { objects: 6n })] })).to.deep.equal(['progressed a'])
    // A target that joins has done something.
    expect(t.shows({ t3: [part('a', { objects: 1n })] })).to.deep.equal(['progressed a'])
  })

  it('waits for the end that is told where the targets show one already', () => {
    const t = told()
    t.shows({ t1: [part('a')] })
    const over = part('a', { endTime: 12n, objects: 7n })
    expect(t.shows({ t1: [over] })).to.deep.equal([])
    expect(t.ends('a', ended('a', 'finished', 12n))).to.deep.equal(['finished a'])
    expect(t.shows({ t1: [over] })).to.deep.equal([])
  })

  it('of a run that begins after all that is known of the one before: another life', () => {
    const t = told()
    t.shows({ t1: [part('g3')] })
    t.ends('g3', ended('g3', 'aborted', 20n))
    expect(t.shows({ t1: [part('g3', { startTime: 20n })] })).to.deep.equal([])
    // One that shows when it is over may as well be a part that was late.
    expect(t.shows({ t1: [part('g3', { startTime: 21n, endTime: 22n })] })).to.deep.equal([])
    expect(t.shows({ t1: [part('g3', { startTime: 23n })] })).to.deep.equal(['started g3', '-> g3'])
    expect(t.ends('g3', ended('g3', 'finished', 30n))).to.deep.equal(['finished g3'])
  })

  it('of one that vanished and shows again, with the start that it had: no other life', () => {
    const t = told()
    t.shows({ t1: [part('a')] })
    t.shows({ t1: [part('a')], t2: [part('a', { startTime: 11n })] })
    expect(t.ends('a', ended('a', 'lost'))).to.deep.equal(['vanished a'])
    expect(t.shows({ t1: [part('a')] })).to.deep.equal([])
    expect(t.shows({ t2: [part('a', { startTime: 11n })] })).to.deep.equal([])
  })

  it('takes for history what had ended before the first reply, also of a target that was away then', () => {
    const t = told()
    expect(t.shows({ t1: [part('a', { endTime: 20n }), part('b', { startTime: 25n })] })).to.deep.equal([
      ...['started b', '-> b'],
    ])
    expect(t.shows({ t2: [part('c', { endTime: 19n })] })).to.deep.equal([])
    // A run that began before the first reply may have ended after it.
    expect(t.shows({ t2: [part('d', { endTime: 24n })] })).to.deep.equal(['started d', '-> d'])
  })

  it('takes what ends after an empty first reply for news', () => {
    const t = told()
    expect(t.list()).to.deep.equal([])
    expect(t.list(status('a', { endTime: 1n }))).to.deep.equal(['started a', '-> a'])
  })

  it('drops who is over and was not shown for an hour, and takes it for history if it comes back', () => {
    const t = told()
    t.list(status('a'), status('b'))
    t.ends('a', ended('a', 'finished', 5n))
    t.ends('b', ended('b', 'finished', 6n))
    const b = status('b', { endTime: 6n })
    for (let n = 0; n < 8; n++) {
      t.later(KEPT_MS / 4)
      expect(t.list(b)).to.deep.equal([])
    }
    expect([...t.lives.byId.keys()]).to.deep.equal(['b'])
    t.later(KEPT_MS / 2)
    t.list()
    expect([...t.lives.byId.keys()], 'shown half an hour ago').to.deep.equal(['b'])
    expect(t.list(b, status('a', { endTime: 5n }))).to.deep.equal([])
    expect(t.list(b, status('c', { endTime: 7n }))).to.deep.equal(['started c', '-> c'])
  })

  it('never drops who is not over', () => {
    const t = told()
    t.list(status('a'))
    for (let n = 0; n < 8; n++) {
      t.later(KEPT_MS)
      t.list()
    }
    expect(t.ends('a', ended('a', 'lost'))).to.deep.equal(['vanished a'])
  })

  it('goes on dropping where the clock is set back', () => {
    const lives = unborn()
    withList(lives, list(status('a')), 10 * KEPT_MS)
    withEnd(lives, { id: 'a', kind }, ended('a', 'finished', 5n), 10 * KEPT_MS)
    withList(lives, list(status('b')), 0)
    expect(lives.byId.has('a')).to.equal(true)
    withList(lives, list(), KEPT_MS)
    expect(lives.byId.has('a')).to.equal(false)
  })

  // ── whatever happens ─────────────────────────────────────────────────────────────────────────────────────────

  const IDS = ['a', 'b', 'c']
  type Act =
    | { readonly type: 'list'; readonly rows: readonly (readonly [string, Partial<JobStatus>])[] }
    | { readonly type: 'shows'; readonly parts: readonly (readonly [string, JobSnap])[] }
    | {
        readonly type: 'ends'
        readonly nth: number
        readonly how: Outcome | 'gone' | 'unlearnt'
        readonly atNs: number
      }
  const id = fc.constantFrom(...IDS)
  const instant = fc.integer({ min: 1, max: 30 }).map(BigInt)
  const row = fc.tuple(
    id,
    fc.oneof(fc.constant({}), fc.record({ endTime: instant, aborted: fc.boolean() }), fc.constant({ aborted: true })),
  )
  const shown = fc
    .tuple(
      fc.constantFrom('t1', 't2', 't3'),
      id,
      fc.boolean(),
      fc.boolean(),
      fc.option(instant),
      fc.option(instant),
      fc.nat(9),
    )
    .map(([target, of, isIdle, aborted, start, end, objects]): readonly [string, JobSnap] => {
      const more = { isIdle, aborted: aborted && isIdle, objects: BigInt(objects), startTime: start }
      return [target, part(of, { ...more, ...(end === null ? {} : { endTime: end }) })]
    })
  const ends = fc.record({
    type: fc.constant('ends' as const),
    nth: fc.nat(9),
    how: fc.constantFrom<Outcome | 'gone' | 'unlearnt'>('finished', 'failed', 'aborted', 'lost', 'gone', 'unlearnt'),
    atNs: fc.nat(30),
  })
  const lists = fc.record({ type: fc.constant('list' as const), rows: fc.array(row, { maxLength: 4 }) })
  const shows = fc.record({ type: fc.constant('shows' as const), parts: fc.array(shown, { maxLength: 6 }) })

  for (const [name, reply] of [
    ['lists', lists],
    ['targets', shows],
  ] as const)
    it(`of ${name}: one start first, one end at most, nothing after it; idle and resumed take turns`, () => {
      fc.assert(
        fc.property(
          fc.array(fc.oneof<[fc.Arbitrary<Act>, fc.Arbitrary<Act>]>(reply, ends), { maxLength: 25 }),
          (acts) => {
            const lives = unborn()
            const phases = new Map<string, 'running' | 'idle' | 'over'>()
            const waiting: string[] = []
            const given = new Map<string, number>()
            const hear = ({ type, job }: JobEvent, isFirst: boolean): void => {
              const phase = phases.get(job.id) ?? 'over'
              const allowed: Readonly<Record<EventType, boolean>> = {
                started: phase === 'over',
                progressed: phase === 'running',
                idle: phase === 'running',
                resumed: phase === 'idle',
                finished: phase !== 'over',
                failed: phase !== 'over',
                aborted: phase !== 'over',
                vanished: phase !== 'over',
              }
              expect(allowed[type], `${type} of ${job.id} when ${phase}`).to.equal(true)
              if (isFirst) expect(['started', 'idle']).to.include(type)
              phases.set(job.id, type === 'idle' ? 'idle' : isEnd(type) ? 'over' : 'running')
              given.set(`${type} ${job.id}`, (given.get(`${type} ${job.id}`) ?? 0) + 1)
            }
            for (const [n, act] of acts.entries()) {
              if (act.type === 'ends') {
                const { how, atNs } = act
                const one = waiting[act.nth % Math.max(1, waiting.length)]
                if (one === undefined) {
                  // Of who is over, or was never heard of, nothing is told.
                  for (const other of IDS.filter((of) => (phases.get(of) ?? 'over') === 'over'))
                    expect(withEnd(lives, { id: other, kind }, gone, n)).to.deep.equal([])
                  continue
                }
                waiting.splice(waiting.indexOf(one), 1)
                const result =
                  how === 'gone'
                    ? gone
                    : how === 'unlearnt'
                      ? unlearnt
                      : ended(one, how, atNs === 0 ? undefined : BigInt(atNs))
                const events = withEnd(lives, { id: one, kind }, result, n)
                const type = how === 'gone' || how === 'lost' ? 'vanished' : how
                expect(texts(events)).to.deep.equal(how === 'unlearnt' ? [] : [`${type} ${one}`])
                for (const event of events) hear(event, false)
                continue
              }
              const isFirst = lives.first
              const { events, watch } =
                act.type === 'list'
                  ? withList(lives, list(...act.rows.map(([of, more]) => status(of, more))), n)
                  : withSnapshots(
                      lives,
                      buildSnapshots(act.parts.map(([target, snap], m) => [`${target}${m}`, [snap]])),
                      n,
                    )
              for (const event of events) hear(event, isFirst)
              for (const { id: of } of watch) {
                expect(waiting, 'one waits already').not.to.include(of)
                waiting.push(of)
              }
              // Somebody waits for the end of each that has begun and not ended.
              const open = [...phases].flatMap(([of, phase]) => (phase === 'over' ? [] : [of]))
              expect([...waiting].sort()).to.deep.equal(open.sort())
              // Who was at work when a list came has been told of; a list has one life for each id.
              if (act.type === 'list') for (const of of IDS) expect(given.get(`started ${of}`) ?? 0).to.be.at.most(1)
              if (act.type === 'list')
                for (const { id: of, aborted, endTime } of list(
                  ...act.rows.map(([of, more]) => status(of, more)),
                ).values())
                  if (!aborted && endTime === undefined && lives.byId.get(of)?.phase !== 'over')
                    expect(given.get(`started ${of}`)).to.equal(1)
            }
          },
        ),
        { numRuns: 1000 },
      )
    })

  const isEnd = (type: EventType): boolean => ['finished', 'failed', 'aborted', 'vanished'].includes(type)

  it('costs little where little has changed: 10,000 rows, one in a hundred another', () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => status(`job${String(i).padStart(7, '0')}`))
    const tables = Array.from({ length: 20 }, (_, tick) =>
      list(...rows.map((one, i) => (i % 100 < tick ? { ...one, endTime: 7n } : one))),
    )
    const lives = unborn()
    const took = tables.map((table, n) => {
      const at = performance.now()
      withList(lives, table, n)
      return performance.now() - at
    })
    expect(Math.min(...took)).to.be.below(8)
    const at = performance.now()
    for (const { id: of } of rows) withEnd(lives, { id: of, kind }, ended(of, 'finished', 7n), 99)
    expect(performance.now() - at, 'ten thousand ends').to.be.below(500)
  })
})
