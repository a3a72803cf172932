import { expect } from 'chai'
import { Observable, Subject } from 'rxjs'
import { fetchTransport } from '../../../lib/transport/fetch.ts'
import type { HttpResponse } from '../../../lib/transport/transport.ts'
import { localServers } from './contract/server.ts'
import { OK, opened, requestTo, type World } from './contract/world.ts'

// A request removes its teardown from its subscriber when it is over, so a subscriber that lives long does not collect teardowns.

const servers = localServers()
const world: World = { transport: fetchTransport, servers, isOwn: true }

/** How many teardowns the subscriber of a request has while it is in flight, and when its reply or failure comes. */
const teardownsOf = (url: string): Promise<readonly [inFlight: number, atEnd: number]> =>
  new Promise((resolve) => {
    const teardowns = new Set<unknown>()
    const ended = new Subject<HttpResponse>()
    new Observable<HttpResponse>((subscriber) => {
      const [add, remove] = [subscriber.add.bind(subscriber), subscriber.remove.bind(subscriber)]
      subscriber.add = (teardown) => {
        if (teardown !== undefined) teardowns.add(teardown)
        add(teardown)
      }
      subscriber.remove = (teardown) => {
        teardowns.delete(teardown)
        remove(teardown)
      }
      fetchTransport()(requestTo(url)).subscribe(subscriber)
      const inFlight = teardowns.size
      const end = (): void => resolve([inFlight, teardowns.size])
      ended.subscribe({ next: end, error: end })
    }).subscribe(ended)
  })

describe('the teardown of a request over node:http', () => {
  afterEach(() => servers.close())

  it('leaves its subscriber before the reply, because the list of teardowns may outlive both', async () => {
    const server = await opened(world, { script: [OK] })
    expect(await teardownsOf(server.url)).to.deep.equal([1, 0])
  })

  it('leaves its subscriber before a failure', async () => {
    const server = await opened(world, { script: [] })
    await servers.close()
    expect(await teardownsOf(server.url)).to.deep.equal([1, 0])
  })
})
