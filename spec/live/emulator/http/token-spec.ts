import { expect } from 'chai'
import { ManualClock, startEmulator, type Access } from '../../../../lib/emulator/index.ts'
import { sendRequest } from '../wire.ts'

// The emulator checks the access rights in a token. For each request, the spec tries a token with all rights but one.

const QUERY = { path: '/v1/cluster?what=running_all', method: 'GET', body: '{}' }
const STOP = { path: '/v1/cluster', method: 'PUT', body: '{"action":"stop","value":{"Kind":"lru"}}' }
const LIST = { path: '/v1/buckets/b', method: 'GET', body: '{"action":"list","value":{}}' }
const DELETE = {
  path: '/v1/buckets/b',
  method: 'DELETE',
  body: '{"action":"delete-listrange","value":{"template":"a"}}',
}
const MOVE = { path: '/v1/buckets/b?bck_to=ais%2F%40%23%2Fz%2F', method: 'POST', body: '{"action":"move-bck"}' }
const PROMOTE = {
  path: '/v1/objects/b',
  method: 'POST',
  body: '{"action":"promote","name":"/var/lib/ais/promote/d","value":{}}',
}
const ENCODE = {
  path: '/v1/buckets/b',
  method: 'PUT',
  body: '{"action":"archive","value":{"archname":"x.tar","template":"a-{0..9}","tobck":{"name":"b"}}}',
}

describe('emulator, tokens with access rights', () => {
  const requests: readonly (readonly [access: Access, request: typeof QUERY])[] = [
    ['show-cluster', QUERY],
    ['admin', STOP],
    ['list', LIST],
    ['delete', DELETE],
    ['move', MOVE],
    ['promote', PROMOTE],
    ['read-write', ENCODE],
  ]
  for (const [access, { path, method, body }] of requests) {
    it(`should require the right ${access} for ${method} ${path} ${body}`, async () => {
      const all = requests.map(([each]) => each)
      const tokens = {
        with: { user: 'u1', access: [access] },
        without: { user: 'u1', access: all.filter((each) => each !== access) },
      }
      await using emulator = await startEmulator({ tokens }, new ManualClock())
      emulator.seedBucket('b', { objects: 10 })
      const send = (token: string) =>
        sendRequest(`${emulator.endpoint}${path}`, { method, body, headers: { authorization: `Bearer ${token}` } })
      const refused = await send('without')
      expect(refused.status).to.equal(403)
      expect(JSON.parse(refused.body)).to.include({ message: 'user `u1` has insufficient permissions', status: 403 })
      expect((await send('with')).status).to.equal(200)
      expect((await send('nosuch')).status).to.equal(401)
    })
  }
})
