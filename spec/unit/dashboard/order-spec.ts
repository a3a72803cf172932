import { expect } from 'chai'
import { parseAddress } from '../../../lib/dashboard/page/address.ts'
import { createOrder } from '../../../lib/dashboard/page/order.ts'
import type { Shown } from '../../../lib/dashboard/page/shown.ts'

const job = (id: string, objects: number): Shown => ({ id, kind: 'lru', state: 'running', objects })
const wanted = parseAddress('#/?sort=objects')

describe('the order of the table', () => {
  const startedOrder = () => {
    const order = createOrder()
    order.next([job('a', 1), job('b', 2)], wanted, false, 0)
    return order
  }

  it('is sorted again every two seconds, and is marked as out of date meanwhile', () => {
    const order = startedOrder()
    const jobs = [job('a', 3), job('b', 2)]
    expect(order.next(jobs, wanted, false, 1_999)).to.deep.equal({ ids: ['a', 'b'], fresh: 0, isOld: true })
    expect(order.next(jobs, wanted, false, 2_000)).to.deep.equal({ ids: ['b', 'a'], fresh: 0, isOld: false })
  })

  it('is held while the user is about to use a row, with new jobs at the end and without jobs that are gone', () => {
    const order = startedOrder()
    const jobs = [job('c', 0), job('b', 2)]
    expect(order.next(jobs, wanted, true, 60_000)).to.deep.equal({ ids: ['b', 'c'], fresh: 1, isOld: true })
    expect(order.next([...jobs, job('d', 0)], wanted, true, 61_000)).to.deep.include({ fresh: 2 })
    order.renew()
    expect(order.next(jobs, wanted, true, 62_000)).to.deep.equal({ ids: ['c', 'b'], fresh: 0, isOld: false })
  })

  it('changes at once with the column, the direction and the filter, held or not', () => {
    const order = startedOrder()
    const jobs = [job('a', 1), job('b', 2)]
    const down = parseAddress('#/?sort=objects&order=desc')
    expect(order.next(jobs, down, true, 1).ids).to.deep.equal(['b', 'a'])
  })

  it('is sorted again if the clock of the computer goes back', () => {
    const order = startedOrder()
    order.next([], wanted, false, 10_000)
    expect(order.next([job('b', 2), job('a', 1)], wanted, false, 5_000).isOld).to.equal(false)
  })
})
