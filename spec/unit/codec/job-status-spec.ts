import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import fc from 'fast-check'
import type * as t from 'io-ts'
import { JobStatus, type JobStatusWire } from '../../../lib/codec/job-status.ts'
import { JobStatuses } from '../../../lib/codec/job-statuses.ts'
import { jobStatus, wireStatus } from '../../helpers/arbitraries.ts'
import { decoded, itIsLawful, refuses } from './helpers/laws.ts'

// The status of one job on the wire, and the list of statuses. `itIsLawful` checks that encoding and decoding are
// inverse.

const WIRE_STATUS = { kind: 'copy-bck', uuid: 'oFIsIapbT', err: '', end_time: 0, aborted: false }

describe('JobStatus', () => {
  itIsLawful({ codec: JobStatus, wire: wireStatus, value: jobStatus })

  it('is a codec from its wire type to its value type', () => {
    expectTypeOf(JobStatus).toEqualTypeOf<t.Type<JobStatus, JobStatusWire>>()
  })

  it('decodes the status of a running job without an endTime', () => {
    const open = { id: 'oFIsIapbT', kind: 'copy-bck', err: '', aborted: false }
    expect(decoded(JobStatus, WIRE_STATUS)).to.deep.equal(open)
    expect(decoded(JobStatus, { ...WIRE_STATUS, is_idle: true, novel: 1 })).to.deep.equal(open)
    expect(decoded(JobStatus, { kind: 'copy-bck', uuid: 'oFIsIapbT' })).to.deep.equal(open)
  })

  it('refuses members of a wrong type', () => {
    const wrong = [{ kind: 1 }, { uuid: null }, { err: null }, { end_time: '1' }, { end_time: -1 }, { end_time: 1.5 }]
    for (const part of [...wrong, { end_time: null }, { end_time: 1795427154572988356 }, { aborted: 'no' }])
      expect(refuses(JobStatus, { ...WIRE_STATUS, ...part }), JSON.stringify(part)).to.equal(true)
    expect(refuses(JobStatus, { kind: 'lru' }), 'refuses a status without a uuid').to.equal(true)
  })
})

describe('JobStatuses', () => {
  itIsLawful({ codec: JobStatuses, wire: fc.array(wireStatus), value: fc.array(jobStatus) })

  it('decodes null to an empty list (T8)', () => expect(decoded(JobStatuses, null)).to.deep.equal([]))

  it('keeps both rows of an id that occurs twice (T9)', () => {
    expect(decoded(JobStatuses, [WIRE_STATUS, { ...WIRE_STATUS, end_time: 1 }])).to.have.lengthOf(2)
  })

  it('refuses everything but an array of statuses', () => {
    for (const value of [{}, 'x', [null], [WIRE_STATUS, []], { 0: WIRE_STATUS, length: 1 }])
      expect(refuses(JobStatuses, value), JSON.stringify(value)).to.equal(true)
  })
})
