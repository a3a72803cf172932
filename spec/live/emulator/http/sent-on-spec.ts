import { expect } from 'chai'
import { ManualClock, startEmulator, type Emulator } from '../../../../lib/emulator/index.ts'
import { ask, codeOf, type Ask } from '../wire.ts'

/** Asks a proxy, and then whoever it sends the client on to. */
const follow = async (emulator: Emulator, path: string, asked: Ask) => {
  const first = await ask(`${emulator.endpoint}${path}`, asked)
  expect(first.status).to.equal(307)
  return ask(first.headers.location ?? '', asked)
}

describe('emulator, requests that targets serve', () => {
  it('should start a blob download on the target that the client is sent to, alone', async () => {
    await using emulator = await startEmulator({}, new ManualClock())
    emulator.seedBucket('r', { objects: 1, objectSize: 1e9, provider: 'aws' })
    const body = '{"action":"blob-download","name":"o","value":{}}'
    const started = await follow(emulator, '/v1/objects/r?provider=aws', { method: 'POST', body })
    expect(started.status).to.equal(200)
    const url = `${emulator.endpoint}/v1/cluster?what=qryxstats`
    const found = await ask(url, { body: JSON.stringify({ id: started.body, kind: 'blob-download' }) })
    const snapshots = JSON.parse(found.body) as Record<string, readonly { readonly ctlmsg: string }[]>
    expect(Object.keys(snapshots)).to.have.length(1)
    expect(Object.values(snapshots)[0]?.[0]?.ctlmsg).to.match(
      /^s3:\/\/r\/o chunk-size:4MiB, workers:1, downloaded:0\.0MiB\/953\./,
    )
  })

  it('should serve a batch under an id in a header, one job for all', async () => {
    await using emulator = await startEmulator({}, new ManualClock())
    emulator.seedBucket('b', { objects: 10 })
    const batch = () =>
      follow(emulator, '/v1/ml/moss/b?provider=ais', { body: '{"mime":".tar","in":[{"objname":"a"}]}' })
    const first = await batch()
    expect(first.headers['ais-xaction-id']).to.match(/^gbt-/)
    expect((await batch()).headers['ais-xaction-id']).to.equal(first.headers['ais-xaction-id'])
  })

  it('should be refused where the client comes by itself', async () => {
    await using emulator = await startEmulator({ targets: 1 }, new ManualClock())
    const map = JSON.parse((await ask(`${emulator.endpoint}/v1/daemon?what=smap`)).body) as {
      tmap: Record<string, { public_net: { direct_url: string } }>
    }
    const target = Object.values(map.tmap)[0]?.public_net.direct_url ?? ''
    expect((await ask(`${target}/v1/ml/moss/b`, { body: '{}' })).status).to.equal(400)
  })

  it('should find no target that an inventory of its own bucket has killed', async () => {
    await using emulator = await startEmulator({ targets: 1 }, new ManualClock())
    emulator.seedBucket('b', { objects: 10 })
    const map = (await ask(`${emulator.endpoint}/v1/daemon?what=smap`)).body
    const target = /"tmap":.*?"public_net":.*?"direct_url":"([^"]+)"/.exec(map)?.[1] ?? ''
    expect((await ask(`${target}/v1/health`)).status).to.equal(200)
    await ask(`${emulator.endpoint}/v1/buckets/b`, { method: 'POST', body: '{"action":"create-inventory","value":{}}' })
    expect(await codeOf(ask(`${target}/v1/health`))).to.equal('ECONNRESET')
  })
})
