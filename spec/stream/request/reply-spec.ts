import { expect } from 'chai'
import fc from 'fast-check'
import { constants } from 'node:buffer'
import { NEVER } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { createCluster } from '../../../lib/cluster.ts'
import { isLeft, left } from '../../../lib/common/either.ts'
import { isPermanent, type JobError } from '../../../lib/error.ts'
import { status } from '../../../lib/queries.ts'
import type { Transport } from '../../../lib/transport/transport.ts'
import { json, refusal, statusIs } from '../../helpers/fake-cluster/replies.ts'
import { clusterOf, only, scripted, type Reply } from '../../helpers/scripted.ts'
import { defined } from '../../../lib/common/defined.ts'

// How a reply becomes a value or a JobError, and which errors are permanent.

const statusRequest = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const html = '<!DOCTYPE html>\n<title>Bad Gateway s3cret</title>'

/** The clock stands still at the first second of 2026. */
const NOW = Date.UTC(2026, 0, 1)
const scheduler = new TestScheduler(() => undefined)
scheduler.frame = NOW

/** The error of a query that gets this reply. */
function errorOf(reply: Reply): JobError {
  const result = only(
    status(
      clusterOf(
        scripted(() => reply),
        { scheduler },
      ),
      { id: 'g1' },
    ),
  )
  if (!isLeft(result)) throw new Error('no Left')
  return result.left
}

const HTML_MESSAGE = `an HTML page of ${html.length} characters`

const ERRORS: readonly {
  readonly what: string
  readonly reply: Reply
  readonly error: JobError
  readonly isPermanent: boolean
}[] = [
  {
    what: '400',
    reply: refusal(400, 'invalid x-'),
    error: { _tag: 'HttpError', status: 400, message: 'invalid x-', node: 'p[p1]', request: statusRequest },
    isPermanent: true,
  },
  {
    what: '400 ErrFailedTo (T27)',
    reply: refusal(400, 'connection refused', 'ErrFailedTo'),
    error: {
      _tag: 'HttpError',
      status: 400,
      code: 'ErrFailedTo',
      message: 'connection refused',
      node: 'p[p1]',
      request: statusRequest,
    },
    isPermanent: false,
  },
  {
    what: '401',
    reply: refusal(401, 'token required'),
    error: { _tag: 'Unauthorized', status: 401, message: 'token required', request: statusRequest },
    isPermanent: true,
  },
  {
    what: '403',
    reply: refusal(403, 'user `u1` has insufficient permissions'),
    error: {
      _tag: 'Unauthorized',
      status: 403,
      message: 'user `u1` has insufficient permissions',
      request: statusRequest,
    },
    isPermanent: true,
  },
  {
    what: '401 HTML',
    reply: { status: 401, body: html },
    error: { _tag: 'Unauthorized', status: 401, message: HTML_MESSAGE, request: statusRequest },
    isPermanent: true,
  },
  {
    what: '404 JSON',
    reply: refusal(404, 'x-[g1] does not exist', 'ErrNotFound'),
    error: { _tag: 'NotFound', message: 'x-[g1] does not exist', request: statusRequest },
    isPermanent: false,
  },
  {
    what: '404 empty',
    reply: { status: 404 },
    error: { _tag: 'HttpError', status: 404, message: 'an empty body', notJson: true, request: statusRequest },
    isPermanent: false,
  },
  {
    what: '404 text',
    reply: { status: 404, body: 'page not found' },
    error: { _tag: 'HttpError', status: 404, message: 'page not found', notJson: true, request: statusRequest },
    isPermanent: false,
  },
  {
    what: '404 JSON of another shape',
    reply: { status: 404, body: '{"error":"no route"}' },
    error: { _tag: 'HttpError', status: 404, message: '{"error":"no route"}', notJson: true, request: statusRequest },
    isPermanent: false,
  },
  {
    what: '404 JSON of a gateway',
    reply: { status: 404, body: '{"message":"no Route matched"}' },
    error: { _tag: 'HttpError', status: 404, message: 'no Route matched', notJson: true, request: statusRequest },
    isPermanent: false,
  },
  {
    what: '404 whose body was lost',
    reply: { status: 404, body: '', bodyLost: true },
    error: { _tag: 'NotFound', message: 'a body that could not be read', request: statusRequest },
    isPermanent: false,
  },
  {
    what: '405 whose body was lost',
    reply: { status: 405, headers: { 'content-type': 'application/json' }, body: '', bodyLost: true },
    error: { _tag: 'HttpError', status: 405, message: 'a body that could not be read', request: statusRequest },
    isPermanent: true,
  },
  {
    what: '405 whose body was lost and was labelled as HTML',
    reply: { status: 405, headers: { 'content-type': 'text/HTML' }, body: '', bodyLost: true },
    error: {
      _tag: 'HttpError',
      status: 405,
      message: 'a body that could not be read',
      notJson: true,
      request: statusRequest,
    },
    isPermanent: false,
  },
  {
    what: '400 whose body was lost, which may have been a transient ErrFailedTo',
    reply: { status: 400, headers: { 'content-type': 'application/json' }, body: '', bodyLost: true },
    error: {
      _tag: 'HttpError',
      status: 400,
      message: 'a body that could not be read',
      notJson: true,
      request: statusRequest,
    },
    isPermanent: false,
  },
  {
    what: '400 HTML',
    reply: { status: 400, body: html },
    error: { _tag: 'HttpError', status: 400, message: HTML_MESSAGE, notJson: true, request: statusRequest },
    isPermanent: false,
  },
  {
    what: '501 text',
    reply: { status: 501, body: 'Not Implemented' },
    error: { _tag: 'HttpError', status: 501, message: 'Not Implemented', notJson: true, request: statusRequest },
    isPermanent: false,
  },
  {
    what: '404 HTML',
    reply: { status: 404, body: html },
    error: { _tag: 'HttpError', status: 404, message: HTML_MESSAGE, notJson: true, request: statusRequest },
    isPermanent: false,
  },
  {
    what: '405 text',
    reply: { status: 405, headers: { allow: 'GET' }, body: 'Method Not Allowed\n' },
    error: { _tag: 'HttpError', status: 405, message: 'Method Not Allowed', notJson: true, request: statusRequest },
    isPermanent: false,
  },
  {
    what: '409',
    reply: refusal(409, 'busy', 'ErrBusy'),
    error: { _tag: 'HttpError', status: 409, code: 'ErrBusy', message: 'busy', node: 'p[p1]', request: statusRequest },
    isPermanent: false,
  },
  {
    what: '429',
    reply: { status: 429, headers: { 'retry-after': '7' } },
    error: { _tag: 'HttpError', status: 429, message: 'an empty body', retryAfterMs: 7000, request: statusRequest },
    isPermanent: false,
  },
  {
    what: '500',
    reply: { status: 500, body: 'oops' },
    error: { _tag: 'HttpError', status: 500, message: 'oops', notJson: true, request: statusRequest },
    isPermanent: false,
  },
  {
    what: '501',
    reply: refusal(501, 'not supported', 'ErrUnsupp'),
    error: {
      _tag: 'HttpError',
      status: 501,
      code: 'ErrUnsupp',
      message: 'not supported',
      node: 'p[p1]',
      request: statusRequest,
    },
    isPermanent: true,
  },
  {
    what: '502 empty',
    reply: { status: 502 },
    error: { _tag: 'HttpError', status: 502, message: 'an empty body', request: statusRequest },
    isPermanent: false,
  },
  {
    what: '503 empty',
    reply: { status: 503 },
    error: { _tag: 'HttpError', status: 503, message: 'an empty body', request: statusRequest },
    isPermanent: false,
  },
  {
    what: '503 HTML',
    reply: { status: 503, body: html },
    error: { _tag: 'HttpError', status: 503, message: HTML_MESSAGE, notJson: true, request: statusRequest },
    isPermanent: false,
  },
  {
    what: '503 JSON',
    reply: refusal(503, 'not ready yet'),
    error: { _tag: 'HttpError', status: 503, message: 'not ready yet', node: 'p[p1]', request: statusRequest },
    isPermanent: false,
  },
  {
    what: '304',
    reply: { status: 304 },
    error: { _tag: 'HttpError', status: 304, message: 'an empty body', notJson: true, request: statusRequest },
    isPermanent: false,
  },
  {
    what: 'JSON of another shape',
    reply: { status: 500, body: '{"error":"x"}' },
    error: { _tag: 'HttpError', status: 500, message: '{"error":"x"}', notJson: true, request: statusRequest },
    isPermanent: false,
  },
  {
    what: '200 HTML',
    reply: { body: '<html>' },
    error: {
      _tag: 'DecodeError',
      problems: ['$: not JSON: 6 characters starting like HTML'],
      notJson: true,
      request: statusRequest,
    },
    isPermanent: false,
  },
  {
    what: '204',
    reply: { status: 204 },
    error: { _tag: 'DecodeError', problems: ['$: not JSON: an empty reply'], notJson: true, request: statusRequest },
    isPermanent: false,
  },
  {
    what: '206 with half an object',
    reply: { status: 206, body: '{"kind":' },
    error: {
      _tag: 'DecodeError',
      problems: ['$: not JSON: cut off after 8 characters'],
      notJson: true,
      request: statusRequest,
    },
    isPermanent: false,
  },
]

/** A text of the server has at most 300 characters, and a mark where it was cut. */
const LONGEST_TEXT = 310
/** Control and format characters, and separators of lines and paragraphs. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

describe('a reply', () => {
  for (const { what, reply, error, isPermanent: permanent } of ERRORS)
    it(`is ${error._tag}, ${permanent ? 'permanent' : 'transient'}: ${what}`, () => {
      expect(errorOf(reply)).to.deep.equal(error)
      expect(isPermanent(error)).to.equal(permanent)
    })

  it('gives errors with short, one-line texts for any content', () => {
    const foreign = fc.array(fc.nat(0xffff), { maxLength: 700 }).map((units) => String.fromCharCode(...units))
    fc.assert(
      fc.property(foreign, foreign, fc.constantFrom(400, 401, 404, 418, 500, 503), (message, tcode, code) => {
        for (const error of [errorOf({ status: code, body: message }), errorOf(refusal(code, message, tcode))]) {
          const texts = Object.values(error).filter((text): text is string => typeof text === 'string')
          for (const text of texts) {
            expect(INVISIBLE.test(text), text).to.equal(false)
            expect(text.length).to.be.below(LONGEST_TEXT)
          }
        }
      }),
    )
  })

  it('gives errors with the method, path and query of the request, and nothing else', () => {
    for (const { reply } of ERRORS) {
      const error = errorOf(reply)
      expect('request' in error && error.request).to.deep.equal(statusRequest)
    }
  })
})

describe('Retry-After', () => {
  const LONGEST = 2 ** 31 - 1
  const headers: readonly (readonly [header: string, retryAfterMs: number | undefined])[] = [
    ['0', 0],
    ['1', 1000],
    [' 120 ', 120_000],
    ['2592000', LONGEST],
    ['9'.repeat(400), LONGEST],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Thursday, 01-Jan-26 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['Fri, 01 Jan 2999 00:00:00 GMT', LONGEST],
    ['-1', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['', undefined],
    ['soon', undefined],
    ['2026-01-01', undefined],
    ['Thu, 99 Foo 2026', undefined],
    ['x'.repeat(100_000), undefined],
  ]
  for (const [header, expected] of headers)
    it(`is ${expected ?? 'ignored'} for ${header.slice(0, 40)}`, () => {
      const error = errorOf({ status: 503, headers: { 'retry-after': header } })
      expect(error).to.deep.equal({
        _tag: 'HttpError',
        status: 503,
        message: 'an empty body',
        ...defined({ retryAfterMs: expected }),
        request: statusRequest,
      })
    })

  it('is never negative, NaN or infinite', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.date().map(String), fc.integer().map(String)), (header) => {
        const error = errorOf({ status: 429, headers: { 'retry-after': header } })
        if (error._tag !== 'HttpError' || error.retryAfterMs === undefined) return
        expect(error.retryAfterMs).to.be.within(0, LONGEST)
      }),
    )
  })

  it('is compared with the Date of the server, if the reply has one', () => {
    const after = 'Thu, 01 Jan 2026 09:00:30 GMT'
    for (const [date, ms] of [
      ['Thu, 01 Jan 2026 09:00:00 GMT', 30_000],
      ['Thu, 01 Jan 2026 10:00:00 GMT', 0],
      ['2026', 9 * 3_600_000 + 30_000],
    ] as const)
      expect(errorOf({ status: 503, headers: { 'retry-after': after, date } })).to.include({ retryAfterMs: ms })
  })
})

describe('a failure of the transport', () => {
  const errorAfter = (error: unknown): unknown => {
    const broken = (): never => {
      throw error
    }
    const result = only(status(clusterOf({ transport: broken }), { id: 'g1' }))
    return isLeft(result) ? result.left : result
  }
  const transportError = { _tag: 'TransportError', code: 'EUNKNOWN', message: 'the request failed', permanent: false }

  const errors: readonly { readonly what: string; readonly error?: unknown; readonly expected: object }[] = [
    {
      what: 'a code',
      error: Object.assign(new Error('no'), { code: 'ECONNRESET' }),
      expected: { code: 'ECONNRESET', message: 'no' },
    },
    {
      what: 'a code in its cause, as from fetch',
      error: new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }),
      expected: { code: 'ECONNREFUSED', message: 'fetch failed', nothingSent: true },
    },
    {
      what: 'a note that nothing was sent',
      error: Object.assign(new Error('no'), { code: 'ECONNRESET', nothingSent: true }),
      expected: { code: 'ECONNRESET', message: 'no', nothingSent: true },
    },
    {
      what: 'a certificate',
      error: Object.assign(new Error('old'), { code: 'CERT_HAS_EXPIRED' }),
      expected: { code: 'CERT_HAS_EXPIRED', message: 'old', permanent: true },
    },
    { what: 'no code', error: new Error('x\ny'), expected: { message: 'x y' } },
    {
      what: 'an invalid code',
      error: Object.assign(new Error('x'), { code: 'a\nb s3cret' }),
      expected: { message: 'x' },
    },
    { what: 'a code that is a number', error: Object.assign(new Error(''), { code: 5 }), expected: {} },
    { what: 'a text', error: 'boom', expected: {} },
    { what: 'nothing', expected: {} },
    { what: 'null', error: null, expected: {} },
  ]
  for (const { what, error, expected } of errors)
    it(`is a TransportError: ${what}`, () => {
      expect(errorAfter(error)).to.deep.equal({ ...transportError, ...expected, request: statusRequest })
    })

  it('is ReplyTooLarge if the transport stopped reading', () => {
    expect(errorAfter(Object.assign(new Error('x'), { code: 'REPLY_TOO_LARGE' }))).to.deep.equal({
      _tag: 'ReplyTooLarge',
      limitBytes: 64 * 2 ** 20,
      request: statusRequest,
    })
  })

  it('never errors the stream: an invalid reply, no reply, no stream, several replies', () => {
    const of = (gives: unknown): unknown => {
      const result = only(status(clusterOf({ transport: (() => gives) as never }), { id: 'g1' }))
      return isLeft(result) ? [result.left._tag, 'code' in result.left && result.left.code] : 'Right'
    }
    expect(of([])).to.deep.equal(['TransportError', 'EMPTY'])
    expect(of(undefined)).to.deep.equal(['TransportError', 'EUNKNOWN'])
    for (const reply of [
      undefined,
      null,
      5,
      {},
      { status: 200 },
      { status: 200, body: '' },
      { status: '200', body: '', headers: {} },
      { status: 200.5, body: '', headers: {} },
      { status: NaN, body: '', headers: {} },
      { status: 0, body: '', headers: {} },
      { status: 200, body: Buffer.from('{}'), headers: {} },
      { status: 200, body: '', headers: 'none' },
    ])
      expect(of([reply])).to.deep.equal(['TransportError', 'MALFORMED'])
    const good = statusIs({ id: 'g1', kind: 'lru' })
    expect(of([good, json({})])).to.equal('Right')
  })

  it('is ReplyTooLarge if the transport returns more than maxReplyBytes', () => {
    const reply = statusIs({ id: 'g1', kind: 'lru' })
    const statusWithin = (maxReplyBytes: number): unknown =>
      only(
        status(
          clusterOf(
            scripted(() => reply),
            { maxReplyBytes },
          ),
          { id: 'g1' },
        ),
      )
    expect(isLeft(statusWithin(reply.body.length) as never)).to.equal(false)
    expect(statusWithin(reply.body.length - 1)).to.deep.equal(
      left({ _tag: 'ReplyTooLarge', limitBytes: reply.body.length - 1, request: statusRequest }),
    )
  })

  it('is never read beyond the longest string that the runtime supports, even if maxReplyBytes is Infinity', () => {
    const limits: number[] = []
    const transport: Transport = ({ maxReplyBytes }) => {
      limits.push(maxReplyBytes)
      return NEVER
    }
    const cluster = createCluster('http://p1', { transport, maxReplyBytes: Infinity })
    status(cluster, { id: 'g1' }).subscribe().unsubscribe()
    expect(limits).to.have.length(1)
    expect(limits[0]).to.be.at.most(constants.MAX_STRING_LENGTH)
  })
})
