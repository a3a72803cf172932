import { expect } from 'chai'
import type { Traffic } from '../../lib/health/fold.ts'
import { createMonitor } from '../../lib/health/monitor.ts'

const request = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const well = (atMs: number, endpoint = 'http://p1'): Traffic => ({
  ...{
    atMs,
    wallMs: atMs,
    tookMs: 0,
    endpoint,
    route: endpoint === 'http://p1' ? 'first' : 'other',
    request,
    over: true,
  },
})

describe('the monitor of a cluster', () => {
  it('judges although nobody watches', () => {
    const monitor = createMonitor(['http://p1'])
    expect(monitor.newest()).to.equal(undefined)
    monitor.hear(well(5))
    expect(monitor.newest()).to.deep.equal({ state: 'connected', endpoint: 'http://p1', sinceMs: 5 })
  })

  it('tells all traffic, and of the health only what changes', () => {
    const monitor = createMonitor(['http://p1'])
    const traffic: Traffic[] = []
    const changes: unknown[] = []
    monitor.traffic.subscribe((piece) => traffic.push(piece))
    monitor.changes.subscribe(({ state }) => changes.push(state))
    const all = [well(1), well(2), well(3, 'http://p2'), well(4, 'http://p2')]
    all.forEach(monitor.hear)
    expect(traffic).to.deep.equal(all)
    expect(changes).to.deep.equal(['connected', 'failed-over'])
  })

  it('tells everybody in the same order, also of what happens inside of a notification', () => {
    const monitor = createMonitor(['http://p1'])
    const seen: string[][] = [[], []]
    monitor.changes.subscribe(({ state }) => {
      seen[0]?.push(state)
      if (state === 'connected') monitor.hear(well(2, 'http://p2'))
    })
    monitor.changes.subscribe(({ state }) => seen[1]?.push(state))
    monitor.hear(well(1))
    expect(seen).to.deep.equal([
      ['connected', 'failed-over'],
      ['connected', 'failed-over'],
    ])
  })
})
