import { expect } from 'chai'
import type * as t from 'io-ts'
import { ClusterMap } from '../../../lib/codec/cluster-map.ts'
import { decode } from '../../../lib/codec/decode.ts'
import { ErrorBody } from '../../../lib/codec/error-body.ts'
import { JobSnap } from '../../../lib/codec/job-snap.ts'
import { JobStatus } from '../../../lib/codec/job-status.ts'
import { JobStatuses } from '../../../lib/codec/job-statuses.ts'
import { parseJson } from '../../../lib/codec/json.ts'
import { Running } from '../../../lib/codec/running.ts'
import { Snapshots } from '../../../lib/codec/snapshots.ts'
import { isLeft, isRight } from '../../../lib/common/either.ts'
import { exchangesOf, recordingOf, recordings, type Exchange } from '../../helpers/older-servers.ts'
import { decoded } from './helpers/laws.ts'

// Decodes each reply that real clusters of older releases have sent.

const CODECS: Readonly<Record<string, t.Decoder<unknown, unknown>>> = {
  'what=status': JobStatus,
  'what=status_all': JobStatuses,
  'what=status_all&frc=true': JobStatuses,
  'what=qryxstats': Snapshots,
  'what=running_all': Running,
  'what=smap': ClusterMap,
}

/** The codec for the reply of a recorded request; undefined if the library never sends that request. */
const codecOf = ({ status, query }: Exchange): t.Decoder<unknown, unknown> | undefined =>
  status >= 400 ? ErrorBody : CODECS[query]

const decodedBody = <A>(codec: t.Decoder<unknown, A>, { response_body }: Exchange): A => {
  const json = parseJson(response_body)
  if (isLeft(json)) throw new Error('not JSON')
  return decoded(codec, json.right)
}

describe('the codecs', () => {
  for (const [name, { server, exchanges }] of Object.entries(recordings))
    it(`decode each reply of ${server.split(',')[0] ?? ''} in ${name}`, () => {
      let count = 0
      for (const exchange of exchanges) {
        const codec = codecOf(exchange)
        if (codec === undefined) continue
        count++
        const read = decode(codec, exchange.response_body)
        expect(isRight(read), `${exchange.query} at ${exchange.t_ms} ms`).to.equal(true)
      }
      expect(count).to.be.above(0)
    })

  it('decode a status of AIStore 3.15 with an empty kind, and one of AIStore 3.19 with its kind', () => {
    const kinds = (release: string) =>
      exchangesOf(recordingOf('copy-bck', release), 'what=status').map((one) => decodedBody(JobStatus, one).kind)
    expect(new Set(kinds('3.15'))).to.deep.equal(new Set(['']))
    expect(new Set(kinds('3.19'))).to.deep.equal(new Set(['copy-bck']))
  })

  for (const release of ['3.15', '3.19'])
    it(`decode a snapshot of AIStore ${release} that is idle`, () => {
      const snaps = exchangesOf(recordingOf('archive-idle', release), 'what=qryxstats').flatMap((one) =>
        Object.values(decodedBody(Snapshots, one)).flat(),
      )
      expect(new Set(snaps.map(({ isIdle }) => isIdle))).to.deep.equal(new Set([false, true]))
    })

  it('read is_idle from ext only if the snapshot has none of its own', () => {
    const snap = { id: 'jobAAAAAA', kind: 'archive' }
    expect(decoded(JobSnap, { ...snap, ext: { is_idle: true } }).isIdle).to.equal(true)
    expect(decoded(JobSnap, { ...snap, ext: { is_idle: false } }).isIdle).to.equal(false)
    expect(decoded(JobSnap, { ...snap, ext: { is_idle: 'true' } }).isIdle).to.equal(false)
    expect(decoded(JobSnap, { ...snap, ext: { is_idle: true }, is_idle: false }).isIdle).to.equal(false)
  })
})
