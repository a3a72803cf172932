import { expect } from 'chai'
import { ManualClock, startEmulator, type Emulator } from '../../../../lib/emulator/index.ts'
import { sendRequest, codeOf, type RequestOptions } from '../wire.ts'

// Requests that a proxy of the emulator redirects to a target.

/** Sends a request to a proxy, and then to the target that the proxy redirects it to. */
const follow = async (emulator: Emulator, path: string, options: RequestOptions) => {
  const first = await sendRequest(`${emulator.endpoint}${path}`, options)
  expect(first.status).to.equal(307)
  return sendRequest(first.headers.location ?? '', options)
}

describe('emulator, requests that targets serve', () => {
  it('should start a blob download only on the target of the redirect', async () => {
    await using emulator = await startEmulator({}, new ManualClock())
    emulator.seedBucket('r', { objects: 1, objectSize: 1e9, provider: 'aws' })
    const body = '{"action":"blob-download","name":"obj-00000","value":{}}'
    const started = await follow(emulator, '/v1/objects/r?provider=aws', { method: 'POST', body })
    expect(started.status).to.equal(200)
    const url = `${emulator.endpoint}/v1/cluster?what=qryxstats`
    const found = await sendRequest(url, { body: JSON.stringify({ id: started.body, kind: 'blob-download' }) })
    const snapshots = JSON.parse(found.body) as Record<string, readonly { readonly ctlmsg: string }[]>
    expect(Object.keys(snapshots)).to.have.length(1)
    expect(Object.values(snapshots)[0]?.[0]?.ctlmsg).to.match(
      /^s3:\/\/r\/obj-00000 chunk-size:4MiB, workers:1, downloaded:0\.0MiB\/953\./,
    )
  })

  it('should share one job for all batches, with its id in a header', async () => {
    await using emulator = await startEmulator({}, new ManualClock())
    emulator.seedBucket('b', { objects: 10 })
    const batch = () =>
      follow(emulator, '/v1/ml/moss/b?provider=ais', { body: '{"mime":".tar","in":[{"objname":"obj-00003"}]}' })
    const first = await batch()
    expect(first.headers['ais-xaction-id']).to.match(/^gbt-/)
    expect((await batch()).headers['ais-xaction-id']).to.equal(first.headers['ais-xaction-id'])
  })

  it('should be refused without a redirect', async () => {
    await using emulator = await startEmulator({ targets: 1 }, new ManualClock())
    const map = JSON.parse((await sendRequest(`${emulator.endpoint}/v1/daemon?what=smap`)).body) as {
      tmap: Record<string, { public_net: { direct_url: string } }>
    }
    const target = Object.values(map.tmap)[0]?.public_net.direct_url ?? ''
    expect((await sendRequest(`${target}/v1/ml/moss/b`, { body: '{}' })).status).to.equal(400)
  })

  it('should be reset after an inventory has killed the target', async () => {
    await using emulator = await startEmulator({ targets: 1 }, new ManualClock())
    emulator.seedBucket('b', { objects: 10 })
    const map = (await sendRequest(`${emulator.endpoint}/v1/daemon?what=smap`)).body
    const target = /"tmap":.*?"public_net":.*?"direct_url":"([^"]+)"/.exec(map)?.[1] ?? ''
    expect((await sendRequest(`${target}/v1/health`)).status).to.equal(200)
    await sendRequest(`${emulator.endpoint}/v1/buckets/b`, {
      method: 'POST',
      body: '{"action":"create-inventory","value":{}}',
    })
    expect(await codeOf(sendRequest(`${target}/v1/health`))).to.equal('ECONNRESET')
  })
})
