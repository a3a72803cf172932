import { expect } from 'chai'
import { parseAddress } from '../../../lib/dashboard/page/address.ts'
import { createOrder } from '../../../lib/dashboard/page/order.ts'
import type { Shown } from '../../../lib/dashboard/page/shown.ts'

// The rows are sorted again every two seconds, but not while the user is about to click on one.

const jobWith = (id: string, objects: number): Shown => ({ id, kind: 'lru', state: 'running', objects })
const byObjects = parseAddress('#/?sort=objects')

describe('the order of the table', () => {
  const orderOfTwo = () => {
    const order = createOrder()
    order.next([jobWith('a', 1), jobWith('b', 2)], byObjects, false, 0)
    return order
  }

  it('is sorted again every two seconds, and is marked as out of date meanwhile', () => {
    const order = orderOfTwo()
    const jobs = [jobWith('a', 3), jobWith('b', 2)]
    expect(order.next(jobs, byObjects, false, 1_999)).to.deep.equal({ ids: ['a', 'b'], fresh: 0, isOld: true })
    expect(order.next(jobs, byObjects, false, 2_000)).to.deep.equal({ ids: ['b', 'a'], fresh: 0, isOld: false })
  })

  it('is held while the user is about to use a row, with new jobs at the end and without jobs that are gone', () => {
    const order = orderOfTwo()
    const jobs = [jobWith('c', 0), jobWith('b', 2)]
    expect(order.next(jobs, byObjects, true, 60_000)).to.deep.equal({ ids: ['b', 'c'], fresh: 1, isOld: true })
    expect(order.next([...jobs, jobWith('d', 0)], byObjects, true, 61_000)).to.deep.include({ fresh: 2 })
    order.renew()
    expect(order.next(jobs, byObjects, true, 62_000)).to.deep.equal({ ids: ['c', 'b'], fresh: 0, isOld: false })
  })

  it('changes at once with the column, the direction and the filter, held or not', () => {
    const order = orderOfTwo()
    const jobs = [jobWith('a', 1), jobWith('b', 2)]
    const down = parseAddress('#/?sort=objects&order=desc')
    expect(order.next(jobs, down, true, 1).ids).to.deep.equal(['b', 'a'])
  })

  it('is sorted again if the clock of the computer goes back', () => {
    const order = orderOfTwo()
    order.next([], byObjects, false, 10_000)
    expect(order.next([jobWith('b', 2), jobWith('a', 1)], byObjects, false, 5_000).isOld).to.equal(false)
  })
})
