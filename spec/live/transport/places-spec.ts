import { expect } from 'chai'
import { Places, type Visit } from '../../../lib/transport/places.ts'

// `Places` limits how many requests are in flight, to one origin and in all. A request that gets no place waits for
// one.

/** `enter` requests places for an origin. `admitted` lists the requests that have got a place, in order. */
function crowd(): {
  readonly enter: (origin: string, count: number) => readonly Visit[]
  readonly admitted: string[]
} {
  const places = new Places()
  const admitted: string[] = []
  const enter = (origin: string, count: number): readonly Visit[] =>
    Array.from({ length: count }, (_, n) => places.enter(origin, () => admitted.push(`${origin}${String(n)}`)))
  return { enter, admitted }
}

/** The places are given in the next turn of the event loop. */
const turn = (): Promise<void> => Promise.resolve()

const MOST_OF_ONE_ORIGIN = 56
const MOST_IN_ALL = 64

describe('Places', () => {
  it('admits at most 56 requests to one origin, and 64 in all', () => {
    const { enter, admitted } = crowd()
    enter('a', 100)
    expect(admitted).to.have.length(MOST_OF_ONE_ORIGIN)
    enter('b', 100)
    expect(admitted).to.have.length(MOST_IN_ALL)
    enter('c', 1)
    expect(admitted).to.have.length(MOST_IN_ALL)
  })

  it('gives a free place to the request that has waited longest', async () => {
    const { enter, admitted } = crowd()
    const visits = enter('a', MOST_OF_ONE_ORIGIN + 2)
    visits[3]?.leave()
    visits[3]?.leave()
    await turn()
    expect(admitted.slice(MOST_OF_ONE_ORIGIN)).to.deep.equal(['a56'])
    visits[5]?.leave()
    await turn()
    expect(admitted.slice(MOST_OF_ONE_ORIGIN)).to.deep.equal(['a56', 'a57'])
  })

  it('serves origins with waiting requests in turn', async () => {
    const { enter, admitted } = crowd()
    const visits = [...enter('a', 1_000), ...enter('b', 20), ...enter('c', 20)]
    for (const visit of visits.slice(0, 9)) visit.leave()
    await turn()
    expect(admitted.slice(MOST_IN_ALL).map((name) => name[0])).to.have.members([
      'a',
      'a',
      'a',
      'b',
      'b',
      'b',
      'c',
      'c',
      'c',
    ])
  })

  it('forgets a request that is cancelled while it waits', async () => {
    const { enter, admitted } = crowd()
    const visits = enter('a', MOST_OF_ONE_ORIGIN + 3)
    const [firstWaiting] = visits.slice(MOST_OF_ONE_ORIGIN)
    firstWaiting?.leave()
    visits[0]?.leave()
    await turn()
    expect(admitted.slice(MOST_OF_ONE_ORIGIN)).to.deep.equal(['a57'])
  })

  it('admits no request of many that are cancelled together', async () => {
    const { enter, admitted } = crowd()
    for (const visit of enter('a', 1_000)) visit.leave()
    await turn()
    expect(admitted).to.have.length(MOST_OF_ONE_ORIGIN)
  })

  it('admits ten thousand requests that each end when they are admitted', async () => {
    const places = new Places()
    const first = Array.from({ length: MOST_OF_ONE_ORIGIN }, () => places.enter('a', () => undefined))
    let through = 0
    const visits: Visit[] = []
    for (let n = 0; n < 10_000; n++)
      visits.push(
        places.enter('a', () => {
          through++
          visits[n]?.leave()
        }),
      )
    first[0]?.leave()
    await turn()
    expect(through).to.equal(10_000)
  })
})
