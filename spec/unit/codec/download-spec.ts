import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import fc from 'fast-check'
import type * as t from 'io-ts'
import { Downloads, DownloadStatus, type DownloadStatusWire } from '../../../lib/codec/download.ts'
import { decoded, itIsLawful, refuses } from './helpers/laws.ts'

// The replies of the download API.

const anyName = fc.string()
const anyCount = fc.nat()
const anyWireTime = fc.oneof(
  fc.constant('1970-01-01T00:00:00Z'),
  fc.constantFrom('2026-11-26T17:46:41.467488884Z', '2026-11-26T17:46:42Z'),
)
const anyWireTask = fc.record(
  {
    name: anyName,
    downloaded: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
    total: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
    start_time: anyWireTime,
    end_time: anyWireTime,
  },
  { noNullPrototype: true },
)
const anyWireStatus: fc.Arbitrary<DownloadStatusWire> = fc.record(
  {
    id: anyName,
    xaction_id: anyName,
    description: anyName,
    started_time: anyWireTime,
    finished_time: anyWireTime,
    finished_cnt: anyCount,
    scheduled_cnt: anyCount,
    skipped_cnt: anyCount,
    error_cnt: anyCount,
    total: fc.oneof(fc.constant(-1), anyCount),
    all_dispatched: fc.boolean(),
    aborted: fc.boolean(),
    current_tasks: fc.array(anyWireTask, { maxLength: 2 }),
    finished_tasks: fc.array(anyWireTask, { maxLength: 2 }),
    download_errors: fc.array(fc.record({ name: anyName, error: anyName }, { noNullPrototype: true }), {
      maxLength: 2,
    }),
  },
  { noNullPrototype: true },
)

const anyTime = fc.option(fc.bigInt({ min: 1n, max: 2n ** 62n }), { nil: undefined })
/** Without the members that are undefined. */
const withoutUndefined = <A extends object>(value: A): A =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as A
const anyTask = fc
  .record({
    name: anyName,
    downloaded: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    total: fc.option(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), { nil: undefined }),
    startTime: anyTime,
    endTime: anyTime,
  })
  .map(withoutUndefined)
const anyStatus = fc
  .record({
    id: anyName,
    xactionId: anyName,
    description: anyName,
    startTime: anyTime,
    endTime: anyTime,
    finished: anyCount,
    scheduled: anyCount,
    skipped: anyCount,
    failed: anyCount,
    total: fc.option(anyCount, { nil: undefined }),
    allDispatched: fc.boolean(),
    aborted: fc.boolean(),
    currentTasks: fc.array(anyTask, { maxLength: 2 }),
    finishedTasks: fc.array(anyTask, { maxLength: 2 }),
    errors: fc.array(fc.record({ name: anyName, error: anyName }, { noNullPrototype: true }), { maxLength: 2 }),
  })
  .map(withoutUndefined) as fc.Arbitrary<DownloadStatus>

describe('DownloadStatus', () => {
  itIsLawful({ codec: DownloadStatus, wire: anyWireStatus, value: anyStatus })

  it('is a codec from its wire type to its value type', () => {
    expectTypeOf(DownloadStatus).toEqualTypeOf<t.Type<DownloadStatus, DownloadStatusWire>>()
  })

  it('decodes a record without detail, in which a negative total and the epoch mean unknown', () => {
    const wire = {
      id: 'dnl-Tmo0T-jkA',
      xaction_id: 'TmoRT-Q4uc',
      description: 'one',
      started_time: '2026-11-26T17:46:38.951594218Z',
      finished_time: '1970-01-01T00:00:00Z',
      finished_cnt: 0,
      scheduled_cnt: 1,
      skipped_cnt: 0,
      error_cnt: 1,
      total: -3,
      all_dispatched: true,
      aborted: false,
    }
    expect(decoded(DownloadStatus, wire)).to.deep.equal({
      id: 'dnl-Tmo0T-jkA',
      xactionId: 'TmoRT-Q4uc',
      description: 'one',
      startTime: 1795715198951594218n,
      finished: 0,
      scheduled: 1,
      skipped: 0,
      failed: 1,
      allDispatched: true,
      aborted: false,
      currentTasks: [],
      finishedTasks: [],
      errors: [],
    })
  })

  it('refuses a reply without an id, and counters that are not natural numbers', () => {
    expect(refuses(DownloadStatus, { finished_cnt: 1 })).to.equal(true)
    expect(refuses(DownloadStatus, { id: 'dnl-1', finished_cnt: -1 })).to.equal(true)
    expect(refuses(DownloadStatus, null)).to.equal(true)
  })
})

describe('Downloads', () => {
  it('decodes null as an empty list', () => {
    expect(decoded(Downloads, null)).to.deep.equal([])
  })
})
