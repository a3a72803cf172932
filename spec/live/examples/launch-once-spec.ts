import { createServer, get, request as send, type ClientRequest } from 'node:http'
import { once } from 'node:events'
import { constant, createCluster } from 'aistore-rx'
import { startEmulator, type Emulator } from 'aistore-rx/emulator'
import { expect } from 'chai'
import { main } from '../../../examples/recipes/launch-once.ts'
import { closeServers, listen } from '../helpers/listening.ts'
import { until } from '../helpers/until.ts'

// Runs `examples/recipes/launch-once.ts` against an emulator: a server that launches a job once for any number of
// pages.

describe('the recipe of a launch that pages watch', () => {
  let emulator: Emulator
  let port: number
  beforeEach(async () => {
    emulator = await startEmulator({ objectsPerSecond: 300 })
    emulator.seedBucket('photos', { objects: 300, objectSize: 1 })
    const cluster = createCluster(emulator.endpoint, { cadence: constant(100) })
    port = (await listen(createServer(main(cluster, 0)))).port
  })
  afterEach(async () => {
    await closeServers()
    await emulator.close()
  })

  const launchCount = (): number => emulator.requests.count(({ method }) => method === 'POST')
  const post = async (path: string): Promise<number | undefined> => {
    const request = send({ port, path, host: '127.0.0.1', method: 'POST' }).end()
    const [response] = (await once(request, 'response')) as [{ statusCode?: number; resume: () => void }]
    response.resume()
    return response.statusCode
  }
  /** Reads events as EventSource does. */
  const open = (
    path: string,
    lastEventId?: string,
  ): { readonly request: ClientRequest; readonly text: () => string } => {
    let text = ''
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
    const request = get({ port, path, host: '127.0.0.1', headers, agent: false }, (response) => {
      text += `status: ${response.statusCode ?? 0}\n`
      response.on('data', (chunk: Buffer) => (text += chunk.toString())).on('error', () => undefined)
    })
    request.on('error', () => undefined)
    return { request, text: () => text }
  }

  it('launches once, however often the page launches, reloads and reconnects, and shows how the job ended', async () => {
    const path = '/copies/copy'
    expect(await post(`${path}?from=photos`)).to.equal(202)
    expect(await post(`${path}?from=photos`)).to.equal(202)
    const [first, second] = [open(path), open(path)]
    await until(() => /"objects":[1-9]/.test(first.text()) && /"objects":[1-9]/.test(second.text()))
    const [, lastEventId = ''] = /^id: (.+)$/m.exec(first.text()) ?? []
    first.request.destroy()
    const resumed = open(path, lastEventId)
    // No session has this id, as after a long outage or a restart of the server.
    const late = open(path, '00000000-0000-0000-0000-000000000000-1')
    for (const { text } of [second, resumed, late]) {
      await until(() => text().includes('event: end'))
      expect(text()).to.match(/"type":"ended","outcome":"finished"/)
    }
    expect(launchCount()).to.equal(1)
  })

  it('launches nothing for a page that only watches, and again after a launch that was refused', async () => {
    const unknown = open('/copies/copy')
    await until(() => unknown.text().includes('status: 404'))
    await post('/copies/copy?from=nosuch')
    const refused = open('/copies/copy')
    await until(() => refused.text().includes('event: end'))
    expect(refused.text()).to.match(/event: left\n.*\ndata: .*"mayHaveStarted":false/)
    await post('/copies/copy?from=photos')
    const watched = open('/copies/copy')
    await until(() => watched.text().includes('"outcome":"finished"'))
    expect(launchCount()).to.equal(2)
  })
})
