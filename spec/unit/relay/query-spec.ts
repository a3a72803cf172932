import { expect } from 'chai'
import { isLeft, isRight } from '../../../lib/common/either.ts'
import { environmentOf, type Environment } from '../../../lib/environment.ts'
import { createCluster } from '../../../lib/index.ts'
import { commandOf } from '../../../lib/relay/command.ts'
import { keyOf, readQuery } from '../../../lib/relay/query.ts'
import { scrubbed, scrubbedReply } from '../../../lib/relay/scrub.ts'

// How the relay reads the request of a page, and which addresses it removes from the reply.

const environment = environmentOf(createCluster('http://localhost:8080'))
if (isLeft(environment)) throw new Error('no cluster')
const env: Environment = environment.right

const read = (query: string, body = '{}') => readQuery(env, `/ais/v1/cluster${query}`, body)
/** The key of a query; equal queries share one request. */
const keyOfQuery = (query: string, body: string): string => {
  const decoded = read(query, body)
  return isRight(decoded) ? keyOf(decoded.right) : 'refused'
}

/** The key of a query for downloads. */
const keyOfDownloads = (body: string): string => {
  const decoded = readQuery(env, '/ais/v1/download', body)
  return isRight(decoded) ? keyOf(decoded.right) : 'refused'
}

describe('a query to the relay', () => {
  it('is read from the query string and the body', () => {
    expect(read('?what=status', '{"id":"zOCwz4iJS","kind":"lru"}')).to.deep.equal({
      _tag: 'Right',
      right: { what: 'status', force: false, selection: { ids: ['zOCwz4iJS'], kind: 'lru', onlyRunning: false } },
    })
    expect(isRight(read('?what=status_all&frc=true'))).to.equal(true)
    expect(isRight(read('?what=running_all'))).to.equal(true)
    expect(isRight(read('?what=qryxstats', '{"kind":"lru","show_active":true}'))).to.equal(true)
  })

  for (const query of [
    '',
    '?',
    '?what=status&what=config',
    '?what[]=status',
    '?WHAT=status',
    '?what=smap',
    '?what=config',
    '?what=log',
    '?what=status&x=1',
    '?what=status&frc=true',
    '?what=status_all&frc=false',
    '?what=status_all&frc=true&frc=true',
    '?what=st%61tus',
  ])
    it(`is refused with the query string ${query || '(none)'}`, () => {
      expect(read(query, '{"id":"zOCwz4iJS"}')).to.have.nested.property('left._tag', 'InvalidArgument')
    })

  for (const [why, body] of [
    ['is not JSON', 'id=1'],
    ['is empty', ''],
    ['is a list', '[]'],
    ['has an unknown member', '{"id":"zOCwz4iJS","x":1}'],
    ['has an own member __proto__', '{"id":"zOCwz4iJS","__proto__":{}}'],
    ['nests ten thousand levels deep', `{"id":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['has an id with a line break', '{"id":"zOCwz4iJS\\r\\nX: y"}'],
    ['has several ids', '{"id":"zOCwz4iJS,zOCwz4iJT"}'],
    ['has an unknown kind', '{"kind":"lruu"}'],
    ['has a bucket with a line break', '{"kind":"lru","bck":{"name":"a\\nb"}}'],
    ['has show_active: false', '{"kind":"lru","show_active":false}'],
    ['names neither an id nor a kind', '{}'],
  ] as const)
    it(`is refused if its body ${why}`, () => {
      expect(read('?what=status', body)).to.have.nested.property('left._tag', 'InvalidArgument')
    })

  it('selects one download, or all downloads, if its path is that of downloads', () => {
    const readDownload = (body: string, query = '') => readQuery(env, `/ais/v1/download${query}`, body)
    const expected = { what: 'download', force: false, selection: { ids: ['dnl-FH-CdapbR'], onlyRunning: false } }
    for (const body of ['{"id":"dnl-FH-CdapbR"}', '{"id":"dnl-FH-CdapbR","only_active_tasks":true}'])
      expect(readDownload(body)).to.deep.equal({ _tag: 'Right', right: expected })
    const all = { what: 'downloads', force: false, selection: { ids: [], onlyRunning: false } }
    expect(readDownload('{}')).to.deep.equal({ _tag: 'Right', right: all })
    expect(readDownload('{"only_active_tasks":true}')).to.have.nested.property('right.selection.onlyRunning', true)
    for (const body of [
      '{"id":""}',
      '{"regex":"x"}',
      '{"id":"zOCwz4iJS"}',
      '{"id":"dnl-a,dnl-b"}',
      '{"id":"dnl-a","regex":"x"}',
      '',
    ])
      expect(readDownload(body)).to.have.nested.property('left._tag', 'InvalidArgument')
    expect(readDownload('{"id":"dnl-FH-CdapbR","only_active_tasks":false}')).to.have.property('_tag', 'Left')
    expect(readDownload('{"id":"dnl-FH-CdapbR"}', '?what=status')).not.to.have.nested.property('right.what', 'download')
  })

  it('has one key for equal queries, and another for each other query', () => {
    const same = ['{"id":"zOCwz4iJS","kind":"lru"}', ' { "kind" : "lru", "id": "zOCwz4iJS" }']
    expect(new Set(same.map((body) => keyOfQuery('?what=status', body))).size).to.equal(1)
    const all = [
      keyOfQuery('?what=status', '{"kind":"lru"}'),
      keyOfQuery('?what=status', '{"kind":"rebalance"}'),
      keyOfQuery('?what=status', '{"kind":"lru","bck":{"name":"a"}}'),
      keyOfQuery('?what=qryxstats', '{"kind":"lru"}'),
      keyOfQuery('?what=qryxstats', '{"kind":"lru","show_active":true}'),
      keyOfQuery('?what=status_all', '{}'),
      keyOfQuery('?what=status_all&frc=true', '{}'),
      ...['{}', '{"only_active_tasks":true}', '{"id":"dnl-a"}'].map(keyOfDownloads),
    ]
    expect(new Set(all).size).to.equal(all.length)
  })
})

const CLUSTER = '/ais/v1/cluster'

describe('a command to the relay', () => {
  it('is read as a stop if its path is the path that aborts downloads', () => {
    const readAbort = (body: string) => commandOf(env, '/ais/v1/download/abort', body)
    expect(readAbort('{"id":"dnl-FH-CdapbR"}')).to.deep.equal({
      _tag: 'Right',
      right: { action: 'stop', selector: { id: 'dnl-FH-CdapbR' } },
    })
    for (const body of [
      '{}',
      '{"id":"zOCwz4iJS"}',
      '{"id":"dnl-a,dnl-b"}',
      '{"id":"dnl-a","x":1}',
      '{"id":["dnl-a"]}',
      '{"action":"start","name":"","value":{"Kind":"lru"}}',
      '',
    ])
      expect(readAbort(body), body).to.have.nested.property('left._tag', 'InvalidArgument')
    expect(commandOf(env, CLUSTER, '{"id":"dnl-FH-CdapbR"}')).to.have.property('_tag', 'Left')
  })

  it('is read into the arguments of start and abort', () => {
    expect(commandOf(env, CLUSTER, '{"action":"start","name":"","value":{"Kind":"lru","Force":true}}')).to.deep.equal({
      _tag: 'Right',
      right: { action: 'start', options: { kind: 'lru', force: true } },
    })
    expect(commandOf(env, CLUSTER, '{"action":"stop","name":"","value":{"ID":"zOCwz4iJS"}}')).to.deep.equal({
      _tag: 'Right',
      right: { action: 'stop', selector: { id: 'zOCwz4iJS' } },
    })
  })

  for (const body of [
    '{}',
    '{"action":"shutdown","value":{}}',
    '{"action":"start","value":{"Kind":"lru","x":1}}',
    '{"action":"start","value":{"Kind":"prefetch-listrange"}}',
    '{"action":"stop","value":{}}',
    '{"action":"stop","value":{"ID":12345678901234567890}}',
    '{"action":"stop","value":[]}',
    '{"action":"stop"}',
    '{"action":"start","value":null}',
    '{"action":"start","value":{"Kind":"lru"},"x":1}',
  ])
    it(`is refused: ${body}`, () => {
      expect(commandOf(env, CLUSTER, body)).to.have.nested.property('left._tag', 'InvalidArgument')
    })
})

describe('the texts of replies', () => {
  for (const [text, clean] of [
    ['dial tcp 127.0.0.1:9182: connect: connection refused', 'dial tcp (address): connect: connection refused'],
    ['Get "http://10.0.0.7:51080/v1/cluster?x=1": EOF', 'Get "(address)": EOF'],
    ['[fd00::1]:51080 timed out', '(address) timed out'],
    ['node t[abc] ais-target-3.ais.svc.cluster.local:51081 is down', 'node t[abc] (address) is down'],
    ['dial tcp: lookup ais-proxy-0:51080', 'dial tcp: lookup (address)'],
    ['Get ais-proxy:80', 'Get (address)'],
    ['no space left on device', 'no space left on device'],
  ] as const)
    it(`lose their addresses: ${text}`, () => {
      expect(scrubbed(text)).to.equal(clean)
    })

  it('keep what a job has counted, and lose the addresses beside it', () => {
    const ctlmsg = 'objsize-limit:0B, visited:1204, sent:30 to 10.0.0.7:51080 and t1.ais.svc:51081'
    const clean = 'objsize-limit:0B, visited:1204, sent:30 to (address) and (address)'
    expect(scrubbedReply({ ctlmsg, err: 'visited:1204' })).to.deep.equal({ ctlmsg: clean, err: '(address)' })
    expect(scrubbed(ctlmsg, 'ctlMsg')).to.equal(clean)
  })

  it('lose the address of the source in the description and in the errors of a download, too', () => {
    const source = 'https://user:secret@10.0.0.9/{0..9}?X-Amz-Signature=abc'
    const reply = {
      id: 'dnl-FH-CdapbR',
      description: `${source} -> ais://b`,
      download_errors: [{ name: 'a', error: `Get "${source}": dial tcp 10.0.0.9:80: refused` }],
    }
    expect(scrubbedReply(reply)).to.deep.equal({
      id: 'dnl-FH-CdapbR',
      description: '(address) -> ais://b',
      download_errors: [{ name: 'a', error: 'Get "(address)": dial tcp (address): refused' }],
    })
  })

  it('lose their addresses at any depth of a reply, and the rest of the reply stays the same', () => {
    const reply = JSON.parse('{"__proto__":[{"id":"10.0.0.1:99","err":"at 10.0.0.1:99","n":1}]}') as object
    expect(JSON.stringify(scrubbedReply(reply))).to.equal(
      '{"__proto__":[{"id":"10.0.0.1:99","err":"at (address)","n":1}]}',
    )
  })
})
