import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Observable } from 'rxjs'
import type { Cluster } from '../../../lib/cluster.ts'
import { isLeft, right } from '../../../lib/common/either.ts'
import { download, type DownloadOptions } from '../../../lib/launch/download.ts'
import { abortDownload, downloads, downloadStatus, removeDownload } from '../../../lib/download/downloads.ts'
import type { Result } from '../../../lib/error.ts'
import { json, refusal } from '../../helpers/fake-cluster/replies.ts'
import { scriptedExceptMap, clusterOf, only, type Reply, type Scripted } from '../../helpers/scripted.ts'

// The functions of the download API, and the requests that they send.

const destination = { name: 'l-src-l10893' }
const ID = 'dnl-Tmo0T-jkA'

/** A cluster that replies the same to each request but those for the map. */
const alwaysReplying = (reply: Reply): Scripted => scriptedExceptMap(() => reply)

interface Exchange {
  readonly method: string
  readonly path: string
  readonly request_body: string
  readonly status: number
  readonly response_body: string
}

/** The recorded requests and replies of a capture. */
const exchangesOf = (name: string): readonly Exchange[] => {
  const file = new URL(`../../fixtures/captures/launch/${name}.json`, import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { exchanges: Exchange[] }).exchanges
}

/** The members of a body that are not defaults. Other clients also send options that their caller has not set. */
const meant = (body: string): unknown => {
  const set = Object.entries(JSON.parse(body) as object).filter(
    ([name, value]) => value !== '' && name !== 'limits' && name !== 'progress_interval',
  )
  return Object.fromEntries(set)
}

/** The argument that a Left refuses, or the result itself. */
const refusedArgument = (result: Result<unknown>): unknown =>
  isLeft(result) && result.left._tag === 'InvalidArgument' ? result.left.argument : result

const LINK = 'http://127.0.0.1:21180/v1/objects/rb/o000001'

/** The options that send the recorded request, by the name of the capture. */
const RECORDED_LAUNCHES: Readonly<Record<string, DownloadOptions>> = {
  'download-single': { to: destination, what: { link: LINK, object: 'dl1' }, description: 'one' },
  'download-multi': {
    to: destination,
    what: { links: { a: LINK, b: LINK.replace(/1$/, '2') } },
    description: 'two',
  },
  'download-range': {
    to: destination,
    what: { template: LINK.replace('000001', '{000001..000003}'), subdir: 'r' },
    description: 'range',
  },
}

describe('download', () => {
  for (const [name, options] of Object.entries(RECORDED_LAUNCHES))
    it(`sends the recorded request once, and reads its reply: ${name}`, () => {
      const [start] = exchangesOf(name)
      const sent = alwaysReplying({ body: start?.response_body ?? '' })
      const result = only(download(clusterOf(sent), options))
      const { id } = JSON.parse(start?.response_body ?? '') as { id: string }
      expect(result).to.have.nested.property('right.id', id)
      expect(result).to.have.nested.property('right.kind', 'download')
      expect(sent.requests.map(({ method, path }) => [method, path])).to.deep.equal([['POST', '/v1/download']])
      expect(meant(sent.requests[0]?.text ?? '')).to.deep.equal(meant(start?.request_body ?? ''))
    })

  it('returns plain data with the bucket, the time and the number of files', () => {
    const sent = alwaysReplying(json({ id: ID }))
    const result = only(
      download(clusterOf(sent), { to: destination, what: { template: 'http://h/{00..98..2}/{1..3}.tar' } }),
    )
    expect(result).to.have.property('_tag', 'Right')
    expect(result).to.have.nested.property('right.expected.objects', 150)
    expect(result).to.have.nested.property('right.inBucket').that.deep.equals(destination)
  })

  for (const [what, options, body] of [
    [
      'limits, headers and a time limit in the words of the server',
      {
        to: destination,
        what: { links: ['http://h/a', 'http://h/b?x=/c'] },
        limits: { connections: 4, bytesPerHour: 1_000 },
        headers: { authorization: 'Bearer x' },
        fileTimeoutMs: 1_500,
      },
      {
        type: 'multi',
        objects: ['http://h/a', 'http://h/b?x=/c'],
        bucket: { name: destination.name, provider: 'ais' },
        timeout: '1500ms',
        headers: { authorization: ['Bearer x'] },
        limits: { connections: 4, bytes_per_hour: 1_000 },
      },
    ],
    [
      'the objects of a remote bucket',
      { to: { name: 'r', provider: 'gcp' }, what: { backend: true, prefix: 'a/', deleteExtra: true } },
      { type: 'backend', prefix: 'a/', synchronize: true, bucket: { name: 'r', provider: 'gcp' } },
    ],
  ] as const)
    it(`sends ${what}`, () => {
      const sent = alwaysReplying(json({ id: ID }))
      only(download(clusterOf(sent), options))
      expect(sent.requests[0]?.body).to.deep.equal(body)
    })

  const refused: readonly { readonly what: string; readonly options?: unknown; readonly argument: string }[] = [
    { what: 'options that are missing', argument: 'options' },
    {
      what: 'an option that it does not know',
      options: { to: destination, what: { link: 'http://h/a' }, descripton: 'x' },
      argument: 'descripton',
    },
    { what: 'a bucket without a name', options: { to: {}, what: { link: 'http://h/a' } }, argument: 'to' },
    { what: 'no files', options: { to: destination }, argument: 'what' },
    { what: 'a link without a name', options: { to: destination, what: { link: 'http://h/' } }, argument: 'what.link' },
    {
      what: 'a link that is a host only',
      options: { to: destination, what: { link: 'http://h' } },
      argument: 'what.link',
    },
    { what: 'an empty list of links', options: { to: destination, what: { links: [] } }, argument: 'what.links' },
    { what: 'no links', options: { to: destination, what: { links: {} } }, argument: 'what.links' },
    {
      what: 'two links that end in the same name',
      options: { to: destination, what: { links: ['http://h/1/a', 'http://h/2/a'] } },
      argument: 'what.links',
    },
    {
      what: 'a template without a range',
      options: { to: destination, what: { template: 'http://h/a' } },
      argument: 'what.template',
    },
    {
      what: 'a template with an empty range',
      options: { to: destination, what: { template: 'http://h/{9..1}' } },
      argument: 'what.template',
    },
    {
      what: 'a template of too many links',
      options: { to: destination, what: { template: 'http://h/{0..99999999}' } },
      argument: 'what.template',
    },
    {
      what: 'a member of another source',
      options: { to: destination, what: { link: 'http://h/a', subdir: 'x' } },
      argument: 'what.subdir',
    },
    {
      what: 'the backend of a bucket that has none',
      options: { to: destination, what: { backend: true } },
      argument: 'to',
    },
    {
      what: 'a limit that it does not know',
      options: { to: destination, what: { link: 'http://h/a' }, limits: { speed: 1 } },
      argument: 'limits.speed',
    },
    {
      what: 'headers that are no texts',
      options: { to: destination, what: { link: 'http://h/a' }, headers: { a: 1 } },
      argument: 'headers',
    },
    {
      what: 'a time limit of 0',
      options: { to: destination, what: { link: 'http://h/a' }, fileTimeoutMs: 0 },
      argument: 'fileTimeoutMs',
    },
  ]
  for (const { what, options, argument } of refused)
    it(`refuses ${what}, and sends nothing`, () => {
      const sent = alwaysReplying(json({ id: ID }))
      expect(refusedArgument(only(download(clusterOf(sent), options as DownloadOptions)))).to.equal(argument)
      expect(sent.requests).to.deep.equal([])
    })

  it('never quotes a value of a header, which may be a secret', () => {
    for (const headers of ['Bearer secret', ['Bearer secret'], { a: 'secret\n' }, { a: { secret: 1 } }]) {
      const options = { to: destination, what: { link: 'http://h/a' }, headers } as unknown as DownloadOptions
      const result = only(download(clusterOf(alwaysReplying(json({ id: ID }))), options))
      expect(refusedArgument(result)).to.equal('headers')
      expect(JSON.stringify(result)).to.not.include('secret')
    }
  })

  it('does not repeat a request whose reply is an error', () => {
    const sent = alwaysReplying({ status: 503 })
    expect(only(download(clusterOf(sent), { to: destination, what: { link: 'http://h/a' } }))).to.have.nested.property(
      'left.status',
      503,
    )
    expect(sent.requests).to.have.length(1)
  })
})

describe('downloadStatus', () => {
  for (const name of Object.keys(RECORDED_LAUNCHES))
    it(`reads the recorded replies, which name the files that failed: ${name}`, () => {
      for (const { method, path, status, response_body: body, request_body } of exchangesOf(name)) {
        if (method !== 'GET' || status !== 200 || !path.endsWith('/download')) continue
        const { id } = JSON.parse(request_body) as { id: string }
        const sent = alwaysReplying({ body })
        const result = only(downloadStatus(clusterOf(sent), id))
        const shown = isLeft(result) ? undefined : result.right
        expect(shown?.errors).to.have.length(shown?.failed ?? -1)
        expect(shown?.errors[0]?.error).to.contain('egress blocked')
        expect(sent.requests.map(({ method: m, path: p, body: b }) => [m, p, b])).to.deep.equal([
          ['GET', '/v1/download', { id }],
        ])
      }
    })

  it('is NotFound if no target knows the id', () => {
    const sent = alwaysReplying(refusal(404, `t[t1]: download job ${ID} does not exist`, 'ErrNotFound'))
    expect(only(downloadStatus(clusterOf(sent), ID))).to.have.nested.property('left._tag', 'NotFound')
  })
})

describe('downloads', () => {
  const wireRow = (id: string, description: string, ended: boolean): object => ({
    id,
    description,
    finished_time: ended ? '2026-11-26T17:46:39.954114726Z' : '1970-01-01T00:00:00Z',
  })
  const wireList = [
    wireRow('dnl-a', 'daily 1', true),
    wireRow('dnl-b', 'daily 2', false),
    wireRow('dnl-c', 'weekly', false),
  ]
  const idsOf = (result: Result<readonly { readonly id: string }[]>): readonly string[] =>
    isLeft(result) ? [] : result.right.map(({ id }) => id)

  it('lists all downloads', () => {
    const sent = alwaysReplying(json(wireList))
    expect(idsOf(only(downloads(clusterOf(sent))))).to.deep.equal(['dnl-a', 'dnl-b', 'dnl-c'])
    expect(sent.requests.map(({ text }) => text)).to.deep.equal(['{}'])
  })

  it('lists only the downloads that run and whose description matches, if both options are given', () => {
    const sent = alwaysReplying(json(wireList))
    const options = { running: true, description: /^daily \d$/ }
    expect(idsOf(only(downloads(clusterOf(sent), options)))).to.deep.equal(['dnl-b'])
    expect(sent.requests.map(({ body }) => body)).to.deep.equal([{ only_active_tasks: true }])
  })

  it('reads null as an empty list', () => {
    expect(only(downloads(clusterOf(alwaysReplying({ body: 'null' }))))).to.deep.equal(right([]))
  })

  it('refuses a description that is not a regular expression', () => {
    const options = { description: 'daily' } as unknown as { description: RegExp }
    expect(refusedArgument(only(downloads(clusterOf(alwaysReplying(json(wireList))), options)))).to.equal('description')
  })
})

describe('abortDownload and removeDownload', () => {
  const commands: Readonly<Record<string, (cluster: Cluster, id: string) => Observable<Result<void>>>> = {
    abort: abortDownload,
    remove: removeDownload,
  }
  for (const [verb, send] of Object.entries(commands)) {
    it(`send DELETE /v1/download/${verb} once`, () => {
      const sent = alwaysReplying({ body: '' })
      expect(only(send(clusterOf(sent), ID))).to.deep.equal(right(undefined))
      expect(sent.requests.map(({ method, path, body }) => [method, path, body])).to.deep.equal([
        ['DELETE', `/v1/download/${verb}`, { id: ID }],
      ])
    })

    it(`do not succeed by a page from an intermediary: ${verb}`, () => {
      const body = '<html><body>log in</body></html>'
      expect(only(send(clusterOf(alwaysReplying({ body })), ID))).to.have.nested.property('left._tag', 'DecodeError')
    })

    it(`refuse an id that is not of a download: ${verb}`, () => {
      const sent = alwaysReplying({ body: '' })
      for (const id of ['', 'oFIsIapbT', 'dnl-', undefined as unknown as string])
        expect(refusedArgument(only(send(clusterOf(sent), id)))).to.equal('id')
      expect(sent.requests).to.deep.equal([])
    })
  }
})
