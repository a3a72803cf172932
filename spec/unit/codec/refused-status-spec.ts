import { expect } from 'chai'
import fc from 'fast-check'
import { statusInRefusal } from '../../../lib/codec/refused-status.ts'
import { exchangesOf, recordingOf } from '../../helpers/older-servers.ts'

// Before AIStore 3.22, a request for the status of a job that has errors is refused, and the message holds the status.

/** 2026-11-27T17:35:09.171Z */
const WALL_MS = 1795800909171
const NS_PER_MS = 1_000_000n

/** The message in which an older server refuses the status of a job that ended. */
const refusalOfEnded = (time: string, err: string): string => `nl-lru[jobAAAAAA]-${time}-${err}: ${err}`

describe('the status in the refusal of a server before AIStore 3.22', () => {
  it('is read from the recorded refusals', () => {
    const statusOf = (scenario: string, release: string, wallMs: number) => {
      const [refused, ...others] = exchangesOf(recordingOf(scenario, release), 'what=status')
      expect(refused?.status).to.equal(400)
      expect(others).to.deep.equal([])
      return statusInRefusal((JSON.parse(refused!.response_body) as { readonly message: string }).message, wallMs)
    }
    const deleted = { kind: 'delete-listrange', aborted: false }
    expect(statusOf('delete-missing', '3.19', WALL_MS)).to.deep.equal({
      ...deleted,
      id: 'P5shfb7uU',
      err: '[fs-path] ais://rsrc/nope1: object does not exist (and 1 more error)',
      endTime: 1795800909171976000n,
    })
    expect(statusOf('delete-everything', '3.15', Date.parse('2026-11-27T18:00:53.920Z'))).to.deep.equal({
      ...deleted,
      id: 'IqDJZpk5N',
      err: 'empty range template (cnt=3)',
      endTime: 1795802453846093000n,
    })
  })

  it('has no end while the job runs', () => {
    const open = { id: 'jobAAAAAA', kind: 'lru', err: 'disk full: /data', aborted: false }
    for (const more of [
      '',
      '(cnt=1/3)',
      '-ais://src',
      '-ais://src-ais://@uuid#ns/dst',
      '-caused-by-x-ais://src(cnt=2/3)',
    ])
      expect(statusInRefusal(`nl-lru[jobAAAAAA]${more}: disk full: /data`, WALL_MS)).to.deep.equal(open)
  })

  it('has the whole error, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string(), (err) => {
        expect(statusInRefusal(refusalOfEnded('17:35:00.000000', err), WALL_MS)?.err).to.equal(err)
        expect(statusInRefusal(`nl-lru[jobAAAAAA](cnt=1/3): ${err}`, WALL_MS)?.err).to.equal(err)
      }),
    )
    const twice = 'x-lru[a]-17:08:55.826038-b: c: x-lru[a]-17:08:55.826038-b: c'
    expect(statusInRefusal(refusalOfEnded('17:35:00.000000', twice), WALL_MS)?.err).to.equal(twice)
  })

  it('ended at that time within the last quarter of an hour, in any time zone and with a clock that is a minute behind', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -59_999, max: 839_999 }),
        fc.integer({ min: -48, max: 56 }),
        fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
        (agoMs, quarters, wallMs) => {
          const endMs = wallMs - agoMs
          const local = new Date(endMs + quarters * 900_000).toISOString().slice(11, 23)
          const status = statusInRefusal(refusalOfEnded(`${local}000`, 'x'), wallMs)
          expect(status?.endTime).to.equal(BigInt(endMs) * NS_PER_MS)
        },
      ),
    )
  })

  it('is absent in any other message', () => {
    for (const message of [
      '',
      'kind mismatch: x-lru[jobAAAAAA], expected kind=multi',
      'nl not found: p1(*), x-lru',
      'nl-lru[jobAAAAAA]',
      'nl-[jobAAAAAA]: x',
      'nl-lru[]: x',
      ' nl-lru[jobAAAAAA]: x',
    ])
      expect(statusInRefusal(message, WALL_MS), message).to.equal(undefined)
  })
})
