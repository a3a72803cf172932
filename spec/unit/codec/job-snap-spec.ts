import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import fc from 'fast-check'
import type * as t from 'io-ts'
import { JobSnap, type JobSnapWire } from '../../../lib/codec/job-snap.ts'
import { JobStats } from '../../../lib/codec/job-stats.ts'
import { jobSnap, stats, wireSnap, wireStats } from '../../helpers/arbitraries.ts'
import { decoded, itIsLawful, refuses } from './helpers/laws.ts'

// The snapshot of a job on one target, as AIStore writes it.
// An id in a title, such as J6, is a row of docs/faults.md.

const noBucket = { name: '', provider: '', namespace: { uuid: '', name: '' } }
const aisBucket = (name: string) => ({ name, provider: 'ais', namespace: { uuid: '', name: '' } })

const WIRE_SNAP: JobSnapWire = {
  ext: null,
  'start-time': '2026-11-23T09:45:52.791341107Z',
  'end-time': '0001-01-01T00:00:00Z',
  bck: aisBucket('dst'),
  'src-bck': aisBucket('src'),
  'dst-bck': aisBucket('dst'),
  id: 'oFIsIapbT',
  kind: 'copy-bck',
  ctlmsg: 'cp ais://src=>ais://dst',
  'abort-err': '',
  err: '',
  'glob.id': '2',
  stats: {
    'loc-objs': '5364',
    'loc-bytes': '343296',
    'out-objs': '3556',
    'out-bytes': '227584',
    'in-objs': '3628',
    'in-bytes': '9223372036854775807',
  },
  aborted: false,
  is_idle: false,
}

/** The object without one of its members. */
const without = (object: object, key: string): unknown =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key))

describe('JobSnap', () => {
  itIsLawful({ codec: JobSnap, wire: wireSnap, value: jobSnap })

  it('is a codec from its wire type to its value type', () => {
    expectTypeOf(JobSnap).toEqualTypeOf<t.Type<JobSnap, JobSnapWire>>()
  })

  it('decodes a running copy job', () => {
    expect(decoded(JobSnap, WIRE_SNAP)).to.deep.equal({
      id: 'oFIsIapbT',
      kind: 'copy-bck',
      startTime: 1795427152791341107n,
      bck: { name: 'dst', provider: 'ais' },
      srcBck: { name: 'src', provider: 'ais' },
      dstBck: { name: 'dst', provider: 'ais' },
      stats: {
        objects: 5364n,
        bytes: 343296n,
        outObjects: 3556n,
        outBytes: 227584n,
        inObjects: 3628n,
        inBytes: 9223372036854775807n,
      },
      aborted: false,
      abortErr: '',
      err: '',
      isIdle: false,
      ctlMsg: 'cp ais://src=>ais://dst',
      ext: null,
      joggers: 2,
      workers: 0,
      chanFull: 0,
    })
  })

  it('unpacks glob.id into joggers, workers and chanFull', () => {
    const of = (packed: string) => {
      const { joggers, workers, chanFull } = decoded(JobSnap, { ...WIRE_SNAP, 'glob.id': packed })
      return [joggers, workers, chanFull]
    }
    expect(of('2')).to.deep.equal([2, 0, 0])
    expect(of('2048')).to.deep.equal([0, 2, 0])
    expect(of(String(3 + (5 << 10) + 7 * 2 ** 20))).to.deep.equal([3, 5, 7])
    expect(of('9223372036854775807')).to.deep.equal([1023, 1023, 2 ** 43 - 1])
    expect(of('-1')).to.deep.equal([1023, 1023, 2 ** 44 - 1])
  })

  it('decodes a snapshot that has only an id and a kind', () => {
    const bare = decoded(JobSnap, { id: 'a', kind: 'lru' })
    expect(bare).to.deep.equal({
      id: 'a',
      kind: 'lru',
      bck: { name: '' },
      stats: { objects: 0n, bytes: 0n, outObjects: 0n, outBytes: 0n, inObjects: 0n, inBytes: 0n },
      aborted: false,
      abortErr: '',
      err: '',
      isIdle: false,
      ext: null,
      joggers: 0,
      workers: 0,
      chanFull: 0,
    })
    const whole = JobSnap.encode(bare)
    expect([whole['src-bck'], whole['dst-bck'], whole.bck]).to.deep.equal([noBucket, noBucket, noBucket])
    expect(whole).not.to.have.property('ctlmsg')
  })

  it('decodes a snapshot without any one of the optional members (J6)', () => {
    const required = ['id', 'kind']
    for (const key of Object.keys(WIRE_SNAP)) {
      expect(refuses(JobSnap, without(WIRE_SNAP, key)), key).to.equal(required.includes(key))
    }
    for (const key of Object.keys(WIRE_SNAP.stats)) {
      const { stats } = decoded(JobSnap, { ...WIRE_SNAP, stats: without(WIRE_SNAP.stats, key) })
      expect(Object.values(stats), key).to.include(0n)
    }
  })

  it('drops unknown members (J6)', () => {
    expect(decoded(JobSnap, { ...WIRE_SNAP, novel: { deep: [1] } })).to.deep.equal(decoded(JobSnap, WIRE_SNAP))
  })

  it('keeps any JSON value in ext', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (ext) => {
        expect(decoded(JobSnap, { ...WIRE_SNAP, ext }).ext).to.deep.equal(ext)
      }),
    )
  })

  it('refuses a wrong type of each member except ext', () => {
    const wrong: Readonly<Record<string, readonly unknown[]>> = {
      id: [1, null],
      kind: [1, null, {}],
      'start-time': [0, null, '', '2026-02-30T00:00:00Z'],
      'end-time': [0, null, '', 'soon', '10000-01-01T00:00:00Z'],
      bck: ['b', [], { name: 1 }],
      'src-bck': ['b', 5],
      'dst-bck': [true],
      ctlmsg: [1, null],
      'abort-err': [null, false],
      err: [null, 0],
      'glob.id': ['', '0x10', '1e5', null, 1.5],
      stats: [null, [], { 'loc-objs': '' }, { 'loc-objs': '1e5' }, { 'in-bytes': '9223372036854775808' }],
      aborted: ['false', 0, null],
      is_idle: ['true', 1],
    }
    for (const [key, values] of Object.entries(wrong))
      for (const value of values)
        expect(refuses(JobSnap, { ...WIRE_SNAP, [key]: value }), `${key} ${JSON.stringify(value)}`).to.equal(true)
  })
})

describe('JobStats', () => {
  itIsLawful({ codec: JobStats, wire: wireStats, value: stats })
})
