import { expect } from 'chai'
import { right } from '../../../lib/common/either.ts'
import { statuses } from '../../../lib/listings.ts'
import { details, status } from '../../../lib/queries.ts'
import { clusterMap, snapshotsAre, statusesAre } from '../../helpers/fake-cluster/replies.ts'
import { clusterOf, only, scripted } from '../../helpers/scripted.ts'

// The option `discover: false` is for a cluster behind an address such as an ingress: only the given endpoints get
// requests.

const map = clusterMap({ proxies: ['p2'], ic: ['p2'] })

describe('the discover option', () => {
  it('false: accepts the reply of the given endpoint, and sends no request to another proxy', () => {
    const sent = scripted(() => statusesAre([]))
    expect(only(statuses(clusterOf(sent, { discover: false }, 'http://ingress')))).to.deep.equal(right([]))
    expect(sent.requests).to.have.lengthOf(1)
  })

  it('false: follows no redirect to a node of the map, and does not request the map', () => {
    const sent = scripted(() => ({ status: 307, headers: { Location: 'http://p2/v1/cluster' } }))
    const result = only(status(clusterOf(sent, { discover: false }), { kind: 'lru' }))
    expect(result).to.deep.include({ _tag: 'Left' }).and.to.have.nested.property('left._tag', 'RedirectRefused')
    expect(sent.requests).to.have.lengthOf(1)
  })

  it('true (default): follows the redirect, in any spelling of the headers', () => {
    const sent = scripted(({ origin, query }) => {
      if (query === 'what=smap') return map
      return origin === 'http://p2'
        ? snapshotsAre({ t1: [] })
        : { status: 307, headers: { Location: 'http://p2/v1/cluster?what=qryxstats' } }
    })
    expect(only(details(clusterOf(sent)))).to.have.property('_tag', 'Right')
    expect(sent.requests.map(({ origin }) => origin)).to.deep.equal(['http://p1', 'http://p1', 'http://p2'])
  })
})
