import { expect } from 'chai'
import { concatMap, delay, of, range, toArray } from 'rxjs'
import { isRight } from '../../../lib/common/either.ts'
import { sourcedListOf, type SourcedList } from '../../../lib/request/status-list.ts'
import { mapOf, play } from '../../helpers/proxies.ts'
import { json } from '../../helpers/fake-cluster/replies.ts'

// The Information Center has the list of all statuses. An unchanged row stays the same object, so that nothing is
// compared again.

const row = (uuid: string, end_time = 0): object => ({ kind: 'lru', uuid, err: '', end_time, aborted: false })

describe('the status list of the Information Center', () => {
  it('has the endpoint that returned it and the time of the request', () => {
    const slow = of(json([row('g1')])).pipe(delay(40))
    const { values } = play(
      ({ query, origin }) => {
        if (query === 'what=smap') return mapOf(['p1', 'p2'], { ic: ['p2'] })
        return origin === 'http://p2' ? slow : json(null)
      },
      [[5, (_, env) => sourcedListOf(env)({ ms: 1000 })]],
    )
    const [sourced] = values.flat() as readonly { readonly right: SourcedList }[]
    expect(sourced?.right.endpoint).to.equal('http://p2')
    expect(sourced?.right.sentMs).to.equal(5)
    expect([...(sourced?.right.list.keys() ?? [])]).to.deep.equal(['g1'])
  })

  it('is the same object while no row changes, and so is each row that does not change', () => {
    const bodies = [
      [row('a'), row('b')],
      [row('a'), row('b')],
      [row('a', 7), row('b')],
    ]
    let nth = 0
    const { values } = play(
      () => json(bodies[nth++]),
      [
        [
          0,
          (_, env) => {
            const requestList = sourcedListOf(env)
            return range(3).pipe(
              concatMap(() => requestList({ ms: 1000 })),
              toArray(),
            )
          },
        ],
      ],
    )
    const results = (values[0]?.[0] ?? []) as unknown[]
    const tables = results.map((result) =>
      isRight(result as never) ? (result as { right: SourcedList }).right.list : undefined,
    )
    expect(tables[1]).to.equal(tables[0])
    expect(tables[2]).not.to.equal(tables[1])
    expect(tables[2]?.get('b')).to.equal(tables[0]?.get('b'))
    expect(tables[2]?.get('a')).not.to.deep.equal(tables[0]?.get('a'))
  })
})
