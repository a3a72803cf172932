import { expect } from 'chai'
import { queryBody, startBody, stopBody } from '../../../lib/codec/messages.ts'

// The bodies of the requests that the library sends.

describe('queryBody', () => {
  it('is an empty object if nothing is selected', () => {
    expect(queryBody({})).to.equal('{}')
    expect(queryBody({ id: '', kind: '', bck: undefined, show_active: undefined })).to.equal('{}')
  })

  it('contains all members of the selection', () => {
    const bck = { name: 'b', provider: 'aws', namespace: { uuid: 'u', name: 'n' } }
    expect(queryBody({ id: 'g3', kind: 'rebalance', bck, show_active: true })).to.equal(
      '{"id":"g3","kind":"rebalance","bck":{"name":"b","provider":"aws","namespace":{"uuid":"u","name":"n"}},"show_active":true}',
    )
  })
})

describe('startBody', () => {
  it('contains the kind, and no member that is not set', () => {
    expect(startBody({ kind: 'lru' })).to.equal('{"action":"start","name":"","value":{"Kind":"lru"}}')
    expect(startBody({ kind: 'lru', force: false, flags: 0 })).to.equal(startBody({ kind: 'lru' }))
  })

  it('has force in the value, where the server reads it (T5)', () => {
    const buckets = [{ name: 'a' }, { name: 'b', provider: 'aws' }]
    expect(startBody({ kind: 'lru', buckets, force: true, flags: 6 })).to.equal(
      '{"action":"start","name":"","value":{"Kind":"lru","Buckets":[{"name":"a","provider":"ais"},{"name":"b","provider":"aws"}],"Force":true,"flags":6}}',
    )
  })

  it('contains the target, the bucket and the object name', () => {
    expect(startBody({ kind: 'resilver', target: 'JZat8086' })).to.equal(
      '{"action":"start","name":"","value":{"Kind":"resilver","DaemonID":"JZat8086"}}',
    )
    const user = { name: 'b', provider: 'ais', secret: 'x' }
    expect(startBody({ kind: 'blob-download', bucket: user, name: 'o"' })).to.equal(
      '{"action":"start","name":"o\\"","value":{"Kind":"blob-download","Bck":{"name":"b","provider":"ais"}}}',
    )
  })
})

describe('stopBody', () => {
  it('selects by id, or by kind and bucket', () => {
    expect(stopBody({ id: 'oFIsIapbT' })).to.equal('{"action":"stop","name":"","value":{"ID":"oFIsIapbT"}}')
    expect(stopBody({ kind: 'copy-bck', bucket: { name: 'dst' } })).to.equal(
      '{"action":"stop","name":"","value":{"Kind":"copy-bck","Bck":{"name":"dst","provider":"ais"}}}',
    )
    expect(stopBody({ id: 'g3', force: true })).to.equal('{"action":"stop","name":"","value":{"ID":"g3","Force":true}}')
  })
})
