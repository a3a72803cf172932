import { expect } from 'chai'
import fc from 'fast-check'
import type { ClusterMap } from '../lib/codec/cluster-map.ts'
import type { JobSnap } from '../lib/codec/job-snap.ts'
import type { Snapshots } from '../lib/codec/snapshots.ts'
import { left, right } from '../lib/either.ts'
import type { JobError } from '../lib/error.ts'
import { fold } from '../lib/verdict.ts'
import { begin, type Aim, type Memory, type Reading } from '../lib/verdict/memory.ts'
import { verdictOf, type Expected } from './verdict/reference.ts'

const request = { method: 'GET', path: '/v1/cluster', query: '' }
const ID = 'theJob123'
const OTHER = 'another12'
const TARGETS = ['t1', 't2', 't3'] as const
const KINDS = [
  'copy-bck',
  'lru',
  'load-lom-cache',
  'evict-remote-bck',
  'put-copies',
  'blob-download',
  'future-kind',
] as const

const record = <A>(entries: readonly (readonly [string, A])[]): Readonly<Record<string, A>> =>
  Object.assign(Object.create(null) as Record<string, A>, Object.fromEntries(entries))

// ── readings ─────────────────────────────────────────────────────────────────────────────────────────────────────

const STATES = {
  running: {},
  begins: { startTime: undefined, isIdle: true },
  idle: { isIdle: true },
  idleFailed: { isIdle: true, err: 'no quota' },
  finished: { endTime: 50n, isIdle: true },
  finishedLater: { endTime: 70n, isIdle: true },
  failed: { endTime: 60n, err: 'disk full' },
  aborting: { aborted: true, abortErr: 'user abort' },
  aborted: { endTime: 40n, aborted: true },
  renewed: { endTime: 45n, abortErr: 'renewal abort' },
  again: { startTime: 9n },
} satisfies Record<string, { [K in keyof JobSnap]?: JobSnap[K] | undefined }>

function snapOf(id: string, kind: string, state: State): JobSnap {
  const none = { objects: 0n, bytes: 0n, outObjects: 0n, outBytes: 0n, inObjects: 0n, inBytes: 0n }
  const { startTime, ...rest } = {
    ...{
      id,
      kind,
      startTime: 1n as bigint | undefined,
      bck: { name: '' },
      stats: none,
      aborted: false,
      abortErr: '',
      err: '',
      isIdle: false,
    },
    ...{ ext: null, joggers: 0, workers: 0, chanFull: 0, ...STATES[state] },
  }
  return { ...rest, ...(startTime === undefined ? {} : { startTime }) }
}

type State = keyof typeof STATES
const state = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<State[]>('running', 'finished', 'finishedLater', 'idle') },
  { weight: 1, arbitrary: fc.constantFrom(...(Object.keys(STATES) as State[])) },
)

const snapshotsOf = (kind: string, mood: readonly State[]): fc.Arbitrary<Snapshots> => {
  const mine = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...mood) }, state).map((one) => snapOf(ID, kind, one))
  const another = state.map((one) => snapOf(OTHER, kind, one))
  const cell = fc.oneof(
    { weight: 8, arbitrary: mine.map((one) => [one]) },
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.tuple(mine, mine) },
    { weight: 1, arbitrary: fc.tuple(another, mine) },
  )
  const row = fc.oneof(
    { weight: 9, arbitrary: cell.map((one) => one as readonly JobSnap[] | undefined) },
    fc.constant(undefined),
  )
  return fc
    .tuple(row, row, row)
    .map((rows) => record(rows.flatMap((snaps, n) => (snaps === undefined ? [] : [[TARGETS[n]!, snaps] as const]))))
}

const failure: fc.Arbitrary<JobError> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<JobError>({ _tag: 'NotFound', message: 'unknown', request }) },
  {
    weight: 3,
    arbitrary: fc.constant<JobError>({ _tag: 'HttpError', status: 400, code: 'ErrFailedTo', message: '', request }),
  },
  { weight: 2, arbitrary: fc.constant<JobError>({ _tag: 'RequestTimeout', afterMs: 30_000, request }) },
  { weight: 2, arbitrary: fc.constant<JobError>({ _tag: 'DecodeError', problems: ['$: nothing'], request }) },
  {
    weight: 1,
    arbitrary: fc.constant<JobError>({ _tag: 'DecodeError', problems: ['$: <html>'], notJson: true, request }),
  },
)
const permanent: fc.Arbitrary<JobError> = fc.constantFrom<JobError>(
  { _tag: 'Unauthorized', status: 403, message: '', request },
  { _tag: 'HttpError', status: 501, message: '', request },
)

const status = (
  kind: string,
  failure: fc.Arbitrary<JobError>,
): fc.Arbitrary<Extract<Reading, { question: 'status' }>['result']> => {
  const open = { id: ID, kind, err: '', aborted: false }
  return fc.oneof(
    { weight: 10, arbitrary: fc.constant(right(open)) },
    { weight: 3, arbitrary: fc.constant(right({ ...open, endTime: 80n })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        right({ ...open, endTime: 80n, err: 'no quota' }),
        right({ ...open, aborted: true, err: 'user abort' }),
      ),
    },
    { weight: 6, arbitrary: failure.map(left) },
  )
}

const clusterMap = fc.tuple(fc.subarray([...TARGETS]), fc.boolean()).map(([targets, maintenance]): ClusterMap => ({
  ...{ uuid: 'u', version: 1n, primary: 'p1', proxies: {}, ic: [] },
  targets: record(
    targets.map((id) => [id, { id, url: '', flags: 0, inIc: false, maintenance: maintenance && id === 't3' }]),
  ),
}))

const stepMs = fc.constantFrom(0, 300, 1000, 2000, 5000, 12_000, 31_000)

/** A list of readings; the mood makes long stretches likely in which nothing changes. */
const story: fc.Arbitrary<{ aim: Aim; readings: readonly Reading[] }> = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    mood: fc.array(state, { minLength: 1, maxLength: 2 }),
    until: fc.constantFrom('kind', 'end', 'idle'),
    favourite: failure,
    luck: fc.constantFrom(1, 5, 20),
  })
  .chain(({ kind, mood, until, favourite, luck }) => {
    const fails = fc.oneof({ weight: 4, arbitrary: fc.constant(favourite) }, failure)
    const reading = (atMs: number): fc.Arbitrary<Reading> =>
      fc.oneof(
        {
          weight: 10,
          arbitrary: fc
            .oneof(
              { weight: luck, arbitrary: snapshotsOf(kind, mood).map(right) },
              { weight: 2, arbitrary: fails.map(left) },
            )
            .map((result): Reading => ({ question: 'snapshots', atMs, result })),
        },
        {
          weight: 4,
          arbitrary: status(kind, fails).map((result): Reading => ({ question: 'status', run: ID, atMs, result })),
        },
        {
          weight: 2,
          arbitrary: fc
            .oneof({ weight: 3, arbitrary: clusterMap.map(right) }, failure.map(left))
            .map((result): Reading => ({ question: 'map', atMs, result })),
        },
      )
    const times = fc
      .array(stepMs, { minLength: 1, maxLength: 18 })
      .map((steps) => steps.reduce<number[]>((all, step) => [...all, (all.at(-1) ?? -step) + step], []))
    const aim = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom<Aim>({ until, id: ID, kind, kinds: [] }, { until, id: ID, kinds: [] }) },
      { weight: 1, arbitrary: fc.constant<Aim>({ until: 'kind', kind, kinds: [] }) },
      { weight: 1, arbitrary: fc.constant<Aim>({ until, id: ID, kind, target: 't1', kinds: [] }) },
    )
    return fc.record({ aim, readings: times.chain((all) => fc.tuple(...all.map(reading))) }).map(askable)
  })

/** The status is asked of runs that are known. */
function askable({ aim, readings }: { aim: Aim; readings: readonly Reading[] }): {
  aim: Aim
  readings: readonly Reading[]
} {
  let memory = begin(aim)
  const kept = readings.filter((reading) => {
    if (reading.question === 'status' && !memory.runs.has(reading.run)) return false
    memory = fold(memory, reading)
    return true
  })
  return { aim, readings: kept }
}

// ── what is held against the reference ───────────────────────────────────────────────────────────────────────────

function told({ outcome }: Memory): Expected | undefined {
  if (outcome === undefined) return undefined
  if (outcome._tag === 'Left') return { left: outcome.left._tag }
  const { error, ...rest } = outcome.right
  return { ...rest, hasError: error !== undefined }
}

const runs = (aim: Aim, readings: readonly Reading[]): readonly Memory[] =>
  readings.reduce<Memory[]>((all, reading) => [...all, fold(all.at(-1)!, reading)], [begin(aim)]).slice(1)

const renamed = (readings: readonly Reading[], name: (target: string) => string): readonly Reading[] =>
  readings.map((reading) => {
    if (reading.result._tag === 'Left' || reading.question === 'status') return reading
    if (reading.question === 'snapshots')
      return {
        ...reading,
        result: right(
          record(
            Object.entries(reading.result.right)
              .map(([target, snaps]) => [name(target), snaps])
              .reverse() as [string, readonly JobSnap[]][],
          ),
        ),
      }
    const { targets, ...map } = reading.result.right
    return {
      ...reading,
      result: right({ ...map, targets: record(Object.entries(targets).map(([id, node]) => [name(id), node])) }),
    }
  })

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  Object.freeze(value)
  Object.values(value).forEach(deepFreeze)
}

describe('fold', () => {
  it('says what the plain rules say, reading by reading', () => {
    const outcomes = new Map<string, number>()
    fc.assert(
      fc.property(story, ({ aim, readings }) => {
        const memories = runs(aim, readings)
        for (const [n, memory] of memories.entries()) {
          const expected = verdictOf(aim, readings.slice(0, n + 1))
          expect(told(memory)).to.deep.equal(expected)
          if (expected === undefined) continue
          const name = expected.outcome ?? expected.left ?? ''
          outcomes.set(name, (outcomes.get(name) ?? 0) + 1)
          return
        }
        outcomes.set('open', (outcomes.get('open') ?? 0) + 1)
      }),
      { numRuns: 2500 },
    )
    // Each of them is reached, or the comparison would prove nothing.
    for (const one of ['finished', 'failed', 'aborted', 'idle', 'lost', 'NotFound', 'DecodeError', 'open'])
      expect(outcomes.get(one) ?? 0, one).to.be.above(2)
  }).timeout(30_000)

  it('never says success unless all that was seen has ended well, or the IC said so and no target denied it', () => {
    fc.assert(
      fc.property(story, ({ aim, readings }) => {
        const memory = runs(aim, readings).at(-1) ?? begin(aim)
        const { outcome, parts, words } = memory
        if (outcome?._tag !== 'Right' || !outcome.right.success) return
        const shown = [...parts.values()]
        const said = [...words.values()].flatMap(({ status: word }) => word ?? [])
        expect(said.filter(({ aborted, err }) => aborted || err !== '')).to.deep.equal([])
        expect(shown.filter(({ snap }) => snap.aborted || snap.abortErr !== '' || snap.err !== '')).to.deep.equal([])
        const open = shown.filter(({ snap }) => snap.endTime === undefined)
        if (outcome.right.outcome === 'idle')
          expect(open.every(({ snap, missing }) => snap.isIdle && missing === undefined)).to.equal(true)
        else if (!said.some(({ endTime }) => endTime !== undefined)) expect(open).to.deep.equal([])
        expect(shown.length + said.length).to.be.above(0)
      }),
      { numRuns: 2000 },
    )
  }).timeout(30_000)

  it('stays with what it has said, and changes nothing that it was given', () => {
    fc.assert(
      fc.property(story, ({ aim, readings }) => {
        deepFreeze([aim, readings])
        let memory = begin(aim)
        for (const reading of readings) {
          const before = structuredClone(memory)
          const next = fold(memory, reading)
          expect(memory).to.deep.equal(before)
          if (memory.outcome !== undefined) expect(next).to.equal(memory)
          memory = next
        }
      }),
      { numRuns: 500 },
    )
  }).timeout(30_000)

  it('minds neither the order of targets nor their names', () => {
    const other: Readonly<Record<string, string>> = { t1: '__proto__', t2: 'a/b', t3: 'T' }
    const name = (target: string): string => other[target] ?? target
    fc.assert(
      fc.property(story, ({ aim, readings }) => {
        const was = runs(aim, readings).at(-1)?.outcome
        const aimed = aim.target === undefined ? aim : { ...aim, target: name(aim.target) }
        const is = runs(aimed, renamed(readings, name)).at(-1)?.outcome
        const back =
          was?._tag !== 'Right' || was.right.lostTargets === undefined
            ? was
            : right({ ...was.right, lostTargets: was.right.lostTargets.map(name).sort() })
        expect(is).to.deep.equal(back)
      }),
      { numRuns: 1000 },
    )
  }).timeout(30_000)

  it('gives up on what time cannot heal, whoever said it', () => {
    fc.assert(
      fc.property(story, permanent, fc.constantFrom('status', 'snapshots'), ({ aim, readings }, error, question) => {
        const memory = runs(aim, readings).at(-1) ?? begin(aim)
        const atMs = readings.at(-1)?.atMs ?? 0
        const next = fold(
          memory,
          question === 'status'
            ? { question, run: ID, atMs, result: left(error) }
            : { question: 'snapshots', atMs, result: left(error) },
        )
        expect(next.outcome).to.deep.equal(memory.outcome ?? left(error))
      }),
      { numRuns: 200 },
    )
  })
})
