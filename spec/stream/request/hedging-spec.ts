import { expect } from 'chai'
import { Hedging, type SlowQuery } from '../../../lib/request/hedging.ts'

// Which of the queries that have no reply after 5 s are sent to a second endpoint.

const PAUSE_MS = 60_000

interface Played {
  readonly hedging: Hedging
  /** The names of the queries that were sent to a second endpoint, in order. */
  readonly sent: readonly string[]
  readonly query: (name: string, hasOther?: boolean) => SlowQuery
}

/** A hedging by this clock, and a way to make queries for it. */
function played(now: () => number = () => 0): Played {
  const sent: string[] = []
  const query = (name: string, hasOther = true): SlowQuery => ({
    sendSecond: () => {
      if (hasOther) sent.push(name)
      return hasOther
    },
  })
  return { hedging: new Hedging(now), sent, query }
}

describe('hedging', () => {
  it('sends one slow query to a second endpoint, and lets the others wait for its outcome', () => {
    const { hedging, sent, query } = played()
    for (const name of ['a', 'b', 'c']) hedging.add(query(name))
    expect(sent).to.deep.equal(['a'])
  })

  it('sends all others that are still slow if the second endpoint answered first', () => {
    const { hedging, sent, query } = played()
    const [a, b, c] = [query('a'), query('b'), query('c')]
    for (const one of [a, b, c]) hedging.add(one)
    hedging.ended(b, undefined)
    hedging.ended(a, 'second')
    expect(sent).to.deep.equal(['a', 'c'])
  })

  it('sends none for a minute if the first endpoint answered first', () => {
    let nowMs = 1_000
    const { hedging, sent, query } = played(() => nowMs)
    const [a, b] = [query('a'), query('b')]
    hedging.add(a)
    hedging.add(b)
    hedging.ended(a, 'first')
    nowMs += PAUSE_MS - 1
    hedging.add(query('early'))
    nowMs += 1
    hedging.add(query('late'))
    expect(sent).to.deep.equal(['a', 'late'])
  })

  it('makes the next query the trial if the trial was cancelled', () => {
    const { hedging, sent, query } = played()
    const [a, b, c] = [query('a'), query('b'), query('c')]
    for (const one of [a, b, c]) hedging.add(one)
    hedging.ended(a, undefined)
    expect(sent).to.deep.equal(['a', 'b'])
    hedging.ended(b, 'second')
    expect(sent).to.deep.equal(['a', 'b', 'c'])
  })

  it('makes no query the trial that has no second endpoint', () => {
    const { hedging, sent, query } = played()
    hedging.add(query('a', false))
    hedging.add(query('b'))
    expect(sent).to.deep.equal(['b'])
  })
})
