import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { build } from 'esbuild'

// The files in `lib/browser/` replace others in a bundle for browsers. Each spec bundles one program for both
// platforms, runs both bundles in Node, and compares what they print.

let folder: string

/** What a program prints that is bundled from the sources, for browsers or for Node, and run in Node. */
async function printedBy(platform: 'browser' | 'node', program: string): Promise<unknown> {
  const outfile = join(folder, `${platform}.mjs`)
  await build({
    stdin: { contents: program, resolveDir: process.cwd() },
    outfile,
    bundle: true,
    format: 'esm',
    platform,
    conditions: ['aistore-rx-source'],
  })
  return JSON.parse(execFileSync(process.execPath, [outfile], { encoding: 'utf8' }))
}

/**
 * Prints the running list from a relay whose cluster map hides the addresses, and whose list is empty; then the status from
 * the second of two endpoints. Both print the addresses of the requests.
 */
const RELAYED = `
  import { of, throwError } from 'rxjs'
  import { clusterOf, statuses, status } from './lib/index.ts'
  const urls = []
  const transport = ({ url }) => {
    urls.push(url)
    return url.startsWith('http://down') ? throwError(() => new Error('x')) : of({ status: 200, headers: {}, body:
      url.includes('what=smap') ? HIDDEN : url.includes('what=status_all') ? '[]' : '{"uuid":"zOCwz4iJS","kind":"lru","end_time":1}' })
  }
  const first = (stream) => new Promise((resolve) => stream.subscribe(resolve))
  const list = await first(statuses(clusterOf('http://relay', { transport, discover: true })))
  const one = await first(status(clusterOf(['http://down', 'http://relay'], { transport }), { id: 'zOCwz4iJS' }))
  console.log(JSON.stringify({ urls, list: list.right ?? list.left.code, one: one._tag }))
`

/** Prints how three waits end that nothing answers: the two short ones first, in the order in which they began. */
const UNANSWERED = `
  import { NEVER, merge, map, toArray } from 'rxjs'
  import { clusterOf, wait } from './lib/index.ts'
  const cluster = clusterOf('http://one', { transport: () => NEVER })
  const ends = [['a', 80], ['b', 40], ['c', 40]].map(([name, timeoutMs]) =>
    wait(cluster, { id: 'zOCwz4iJS' }, { timeoutMs }).pipe(map(({ left }) => name + ' ' + left._tag + ' ' + left.afterMs)))
  merge(...ends).pipe(toArray()).subscribe((all) => console.log(JSON.stringify(all)))
`

/** Prints why a kind cannot be started. */
const NOT_STARTABLE = `
  import { NEVER } from 'rxjs'
  import { clusterOf, start } from './lib/index.ts'
  start(clusterOf('http://one', { transport: () => NEVER }), { kind: 'dsort' })
    .subscribe(({ left }) => console.log(JSON.stringify(left.message)))
`

/** Prints the result of a status with a transport of its own, and the addresses of the requests. */
const programWith = (reply: string): string => `
  import { of, throwError } from 'rxjs'
  import { clusterOf, status } from './lib/index.ts'
  const urls = []
  const transport = ({ url }) => {
    urls.push(url)
    return ${reply}
  }
  const { _tag, left, right } = await new Promise((resolve) =>
    status(clusterOf('http://one', { transport }), { id: 'zOCwz4iJS' }).subscribe(resolve))
  console.log(JSON.stringify({ urls, _tag, error: left?._tag, status: left?.status, permanent: left?.permanent, id: right?.id }))
`

/** A cluster whose first proxy redirects to another one, without a change of the path. */
const REDIRECTING = programWith(`of(
  url.includes('what=smap') ? { status: 200, headers: {}, body: MAP }
  : url.startsWith('http://one') ? { status: 307, headers: { location: url.replace('one', 'two') }, body: '' }
  : { status: 200, headers: {}, body: '{"uuid":"zOCwz4iJS","kind":"lru","end_time":1}' })`)

const nodeOf = (id: string, host: string) => ({ daemon_id: id, public_net: { direct_url: `http://${host}` }, flags: 0 })
const MAP = JSON.stringify({
  pmap: { p1: nodeOf('p1', 'one'), p2: nodeOf('p2', 'two') },
  tmap: {},
  proxy_si: nodeOf('p1', 'one'),
  uuid: 'cluster',
  version: '1',
})

describe('a bundle for browsers', function () {
  this.timeout(60_000)
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'aistore-rx-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('follows no redirect, since a browser shows none', async () => {
    const program = `const MAP = ${JSON.stringify(MAP)};${REDIRECTING}`
    const first = 'http://one/v1/cluster?what=status'
    expect(await printedBy('browser', program)).to.deep.equal({
      urls: [first],
      _tag: 'Left',
      error: 'HttpError',
      status: 307,
    })
    expect(await printedBy('node', program)).to.deep.equal({
      urls: [first, 'http://one/v1/cluster?what=smap', first.replace('one', 'two')],
      _tag: 'Right',
      id: 'zOCwz4iJS',
    })
  })

  it('sends requests only to the given endpoints, since a relay hides the addresses of the cluster map', async () => {
    const hidden = MAP.replaceAll(/http:[^"]*/g, '')
    const program = `const HIDDEN = ${JSON.stringify(hidden)};${RELAYED}`
    const list = 'http://relay/v1/cluster?what=status_all&frc=true'
    const status = ['http://down/v1/cluster?what=status', 'http://relay/v1/cluster?what=status']
    expect(await printedBy('browser', program)).to.deep.equal({ urls: [list, ...status], list: [], one: 'Right' })
    expect(await printedBy('node', program)).to.deep.equal({
      urls: [list, 'http://relay/v1/cluster?what=smap', ...status],
      list: 'NO_IC',
      one: 'Right',
    })
  })

  it('has a timer for each time limit, since a page has few of them at once', async () => {
    const ends = ['b WaitTimeout 40', 'c WaitTimeout 40', 'a WaitTimeout 80']
    expect(await printedBy('browser', UNANSWERED)).to.deep.equal(ends)
    expect(await printedBy('node', UNANSWERED)).to.deep.equal(ends)
  })

  it('refers to KINDS for the advice on a kind', async () => {
    const got = 'got "dsort", which cannot be started like this: '
    expect(await printedBy('browser', NOT_STARTABLE)).to.equal(`${got}its advice in KINDS says what to do instead`)
    expect(await printedBy('node', NOT_STARTABLE)).to.equal(`${got}use the dsort API`)
  })

  it('has no list of the codes of certificates, since a browser does not tell why a connection failed', async () => {
    const program = programWith(`throwError(() => Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' }))`)
    expect(await printedBy('browser', program)).to.include({ error: 'TransportError', permanent: false })
    expect(await printedBy('node', program)).to.include({ error: 'TransportError', permanent: true })
  })
})
