import { expect } from 'chai'
import { part } from '../helpers/parts.ts'
import fc from 'fast-check'
import { AisError, explain, isPermanent, type JobError } from '../../lib/error.ts'
import { oneLine, show, without } from '../../lib/common/text.ts'

// The errors of the library: whether one is permanent, and the sentence that `explain` makes of it.

/** Any text, including unpaired surrogates. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 100 }).map((units) => String.fromCharCode(...units))

const request = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const HTTP_ERROR = { _tag: 'HttpError', message: 'm', request } as const
const TRANSPORT_ERROR = {
  _tag: 'TransportError',
  code: 'ECONNREFUSED',
  message: 'm',
  permanent: false,
  request,
} as const
const running = part({ id: 'g1', kind: 'lru' })
const ended = { ...running, endTime: 2n }
const FAILED = { outcome: 'failed', success: false, aborted: false } as const

const ERRORS: readonly (readonly [isPermanent: boolean, error: JobError, line: string])[] = [
  [false, TRANSPORT_ERROR, 'GET /v1/cluster?what=status failed: m (ECONNREFUSED)'],
  [true, { ...TRANSPORT_ERROR, permanent: true }, 'GET /v1/cluster?what=status failed: m (ECONNREFUSED)'],
  [
    false,
    { _tag: 'RequestTimeout', afterMs: 1500, request },
    'GET /v1/cluster?what=status got no complete reply within 1.5 s',
  ],
  [
    false,
    { _tag: 'RequestTimeout', afterMs: 1500, nothingSent: true, request },
    'GET /v1/cluster?what=status was not sent, because token() gave no token within 1.5 s',
  ],
  [
    false,
    { _tag: 'DecodeError', problems: ['$.a: 1', '$.b: 2', '$.c: 3', '$.d: 4', '$.e: 5'], request },
    'GET /v1/cluster?what=status got an unexpected reply: $.a: 1; $.b: 2; $.c: 3 and 2 more',
  ],
  [true, { ...HTTP_ERROR, status: 400 }, 'GET /v1/cluster?what=status failed with HTTP 400: m'],
  [
    false,
    { ...HTTP_ERROR, status: 400, code: 'ErrFailedTo' },
    'GET /v1/cluster?what=status failed with HTTP 400 ErrFailedTo: m',
  ],
  [
    false,
    {
      ...HTTP_ERROR,
      status: 400,
      code: 'Error',
      message: 'Get "http://t1:9081/v1/download?uuid=x": dial tcp: refused',
    },
    'GET /v1/cluster?what=status failed with HTTP 400 Error: Get "http://t1:9081/v1/download?uuid=x": dial tcp: refused',
  ],
  [
    true,
    { ...HTTP_ERROR, status: 400, code: 'ErrBusy' },
    'GET /v1/cluster?what=status failed with HTTP 400 ErrBusy: m',
  ],
  ...([404, 408, 409, 429, 500, 502, 503, 504, 507] as const).map(
    (status) =>
      [false, { ...HTTP_ERROR, status }, `GET /v1/cluster?what=status failed with HTTP ${status}: m`] satisfies [
        boolean,
        JobError,
        string,
      ],
  ),
  [true, { ...HTTP_ERROR, status: 405 }, 'GET /v1/cluster?what=status failed with HTTP 405: m'],
  [true, { ...HTTP_ERROR, status: 501 }, 'GET /v1/cluster?what=status failed with HTTP 501: m'],
  [false, { _tag: 'NotFound', message: 'm', request }, 'GET /v1/cluster?what=status found nothing: m'],
  [true, { _tag: 'Unauthorized', status: 401, message: 'm', request }, 'not authorized (401): m'],
  [true, { _tag: 'Unauthorized', status: 403, message: 'm', request }, 'not authorized (403): m'],
  [false, { _tag: 'Unauthorized', message: 'token() failed' }, 'not authorized: token() failed'],
  [
    false,
    { _tag: 'DecodeError', problems: ['$.a: x', '$.b: y'], request },
    'GET /v1/cluster?what=status got an unexpected reply: $.a: x; $.b: y',
  ],
  [
    true,
    { _tag: 'ReplyTooLarge', limitBytes: 10, request },
    'GET /v1/cluster?what=status got a reply of more than 10 bytes; select fewer jobs, or raise maxReplyBytes',
  ],
  ...(
    [
      [undefined, ''],
      ['no-member', ': it is no member of this cluster'],
      ['scheme', ': its scheme is weaker, or not http'],
      ['credentials', ': it holds credentials'],
      ['unreadable', ''],
      ['too-many', ': it was the fourth redirect in a row'],
    ] as const
  ).map(
    ([reason, why]) =>
      [
        true,
        { _tag: 'RedirectRefused', location: 'http://evil/', ...(reason && { reason }), request },
        `GET /v1/cluster?what=status was redirected to http://evil/; not followed${why}`,
      ] satisfies [boolean, JobError, string],
  ),
  [
    false,
    { ...HTTP_ERROR, status: 407, notJson: true },
    'GET /v1/cluster?what=status got HTTP 407 from an intermediary: m (a proxy on the way wants credentials)',
  ],
  [
    true,
    { ...HTTP_ERROR, status: 431, notJson: true, permanent: true },
    'GET /v1/cluster?what=status got HTTP 431 from an intermediary: m (the headers of the request are too long: is the token too long?)',
  ],
  [
    false,
    { ...HTTP_ERROR, status: 511 },
    'GET /v1/cluster?what=status failed with HTTP 511: m (this network wants a login first)',
  ],
  [
    false,
    { _tag: 'WaitTimeout', afterMs: 5000 },
    'the wait timed out after 5 s without an answer; the job itself was not stopped',
  ],
  [
    false,
    { _tag: 'WaitTimeout', afterMs: 5000, last: { snapshots: { t1: [running], t2: [ended], t3: [] } } },
    'the wait timed out after 5 s; the job had not ended on 1 of 2 targets; the job itself was not stopped',
  ],
  [
    false,
    { _tag: 'WaitTimeout', afterMs: 5000, last: { snapshots: { t1: [ended] }, missing: ['t2'] } },
    'the wait timed out after 5 s; the job has ended on 1 target, but "t2" of the cluster map has shown no part of it; the job itself was not stopped',
  ],
  [
    false,
    {
      _tag: 'WaitTimeout',
      afterMs: 5000,
      last: { snapshots: { t1: [ended], t6: [ended] }, missing: ['t2', 't3', '', 't5'], error: TRANSPORT_ERROR },
    },
    'the wait timed out after 5 s; the job has ended on 2 targets, but "t2", "t3", "" and 1 more of the cluster map have shown no part of it; the last request failed: GET /v1/cluster?what=status failed: m (ECONNREFUSED); the job itself was not stopped',
  ],
  [
    false,
    {
      _tag: 'WaitTimeout',
      afterMs: 5000,
      last: { status: { id: 'g1', kind: 'lru', err: '', aborted: false, endTime: 1n } },
    },
    'the wait timed out after 5 s; the Information Center lists the job as ended, but no target has shown it; the job itself was not stopped',
  ],
  [
    false,
    {
      _tag: 'WaitTimeout',
      afterMs: 5000,
      last: { status: { id: 'g1', kind: 'lru', err: '', aborted: false }, snapshots: {} },
    },
    'the wait timed out after 5 s; the Information Center lists the job as open, but no target has shown it; the job itself was not stopped',
  ],
  [
    false,
    { _tag: 'WaitTimeout', afterMs: 5000, last: { snapshots: {} } },
    'the wait timed out after 5 s; the job itself was not stopped',
  ],
  [
    false,
    { _tag: 'WaitTimeout', afterMs: 5000, last: { error: TRANSPORT_ERROR } },
    'the wait timed out after 5 s; the last request failed: GET /v1/cluster?what=status failed: m (ECONNREFUSED); the job itself was not stopped',
  ],
  [true, { _tag: 'JobFailed', result: FAILED }, 'job  ended as failed'],
  [
    true,
    { _tag: 'JobFailed', result: { ...FAILED, jobId: 'g1', kind: 'lru', error: 'disk\nfull' } },
    'job lru g1 ended as failed: disk full',
  ],
  [true, { _tag: 'InvalidArgument', argument: 'id', message: 'got 5; takes an id' }, 'id: got 5; takes an id'],
]

describe('an error', () => {
  for (const [permanent, error, line] of ERRORS) {
    it(`is ${permanent ? 'permanent' : 'transient'}: ${line}`, () => {
      expect(isPermanent(error)).to.equal(permanent)
      expect(explain(error)).to.equal(line)
    })
  }

  it('of each tag is in the table', () => {
    const tags: Record<JobError['_tag'], true> = {
      TransportError: true,
      RequestTimeout: true,
      HttpError: true,
      NotFound: true,
      Unauthorized: true,
      DecodeError: true,
      ReplyTooLarge: true,
      RedirectRefused: true,
      WaitTimeout: true,
      JobFailed: true,
      InvalidArgument: true,
    }
    expect(new Set(ERRORS.map(([, { _tag }]) => _tag))).to.deep.equal(new Set(Object.keys(tags)))
  })

  it('is explained on one line for any content', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const errors: readonly JobError[] = [
          { ...TRANSPORT_ERROR, message: text, code: text },
          { ...HTTP_ERROR, status: 500, message: text, code: text },
          { _tag: 'DecodeError', problems: [text], request },
          { _tag: 'JobFailed', result: { ...FAILED, error: text } },
          { _tag: 'RedirectRefused', location: text, request },
        ]
        for (const error of errors) expect(explain(error)).not.to.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      }),
    )
  })
})

describe('AisError', () => {
  it('is written as JSON although its data has bigints', () => {
    const last = { snapshots: { t1: [{ id: 'g1', startTime: 1795427154572988356n }] } } as never
    const timeout: JobError = { _tag: 'WaitTimeout', afterMs: 5000, last }
    const message = explain(timeout)
    const error = {
      _tag: 'WaitTimeout',
      afterMs: 5000,
      last: { snapshots: { t1: [{ id: 'g1', startTime: '1795427154572988356' }] } },
    }
    for (const read of [
      JSON.stringify(new AisError(timeout)),
      JSON.stringify({ error: new AisError(timeout) }).slice(9, -1),
    ])
      expect(JSON.parse(read)).to.deep.equal({ name: 'AisError', _tag: 'WaitTimeout', message, error })
  })

  it('has the error, its tag and its explanation', () => {
    const error = new AisError(TRANSPORT_ERROR)
    expect(error).to.be.instanceOf(Error)
    expect(error.name).to.equal('AisError')
    expect(error._tag).to.equal('TransportError')
    expect(error.error).to.equal(TRANSPORT_ERROR)
    expect(error.message).to.equal(explain(TRANSPORT_ERROR))
    expect(String(error)).to.equal(`AisError: ${explain(TRANSPORT_ERROR)}`)
  })
})

describe('the text of an error message', () => {
  const SHOWN_VALUES: readonly (readonly [value: unknown, text: string])[] = [
    ['a"b', '"a\\"b"'],
    ['a\nb\u2028c\u202ed\u007f', '"a\\nb\\u2028c\\u202ed\\u007f"'],
    ['x'.repeat(61), `"${'x'.repeat(60)}..."`],
    [`${'x'.repeat(59)}😀`, `"${'x'.repeat(59)}\\ud83d..."`],
    [10n ** 100n, `1${'0'.repeat(59)}...`],
    [undefined, 'undefined'],
    [null, 'null'],
    [NaN, 'NaN'],
    [[1], 'an array'],
    [{}, 'an object'],
    [() => 1, 'a function'],
    [Symbol('s'), 'a symbol'],
  ]
  for (const [value, text] of SHOWN_VALUES)
    it(`shows a value as ${text.slice(0, 30)}`, () => {
      expect(show(value)).to.equal(text)
    })

  it('shows any value on one short line, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), anyText), (value) => {
        expect(show(value)).not.to.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        expect(show(value).length).to.be.below(800)
      }),
    )
  })

  it('cuts a text of another origin to one line', () => {
    expect(oneLine(' a\r\nb\u0000c\u2029 ')).to.equal('a  b c')
    expect(oneLine('x'.repeat(300))).to.equal('x'.repeat(300))
    expect(oneLine('x'.repeat(301))).to.equal(`${'x'.repeat(300)}...`)
    expect(oneLine('x'.repeat(1e6))).to.equal(`${'x'.repeat(300)}...`)
    expect(oneLine(`${'x'.repeat(299)}😀😀`)).to.equal(`${'x'.repeat(299)}...`)
    expect(oneLine(`${' '.repeat(700)}x`)).to.equal('...')
  })

  it('contains no secret, neither whole nor in part', () => {
    const secret = 's3cret'.repeat(100)
    expect(without(secret, `a ${secret} b ${secret}`)).to.equal('a [redacted] b [redacted]')
    expect(oneLine(without(secret, `${secret} ${secret}`))).to.equal('[redacted] [redacted]')
    expect(without('a"\\b', JSON.stringify({ got: 'a"\\b' }))).to.equal('{"got":"[redacted]"}')
    expect(without('aB.c+(d)[e]{1}^$|*?\\', 'x AB.C+(D)[E]{1}^$|*?\\ aBxc')).to.equal('x [redacted] aBxc')
    expect(without('ToKeN', `http://token.invalid/`)).to.equal('http://[redacted].invalid/')
    expect(without('aXa', 'İ AXAXA axa Xa')).to.equal('İ [redacted]XA [redacted] Xa')
    expect(without(undefined, 'a')).to.equal('a')
    expect(without('', 'a')).to.equal('a')
  })
})
