import { expect } from 'chai'
import fc from 'fast-check'
import { decode } from '../../lib/codec/decode.ts'
import { JobStatuses } from '../../lib/codec/job-statuses.ts'
import { stringifyJson } from '../../lib/codec/json.ts'
import { statusRows } from '../../lib/codec/status-rows.ts'
import { isLeft } from '../../lib/common/either.ts'
import { wireStatus } from '../helpers/arbitraries.ts'
import { mutated } from './helpers/mutations.ts'
import { replies } from './helpers/replies.ts'

const captured = Object.values(replies)
  .filter(({ codec }) => codec === 'JobStatuses')
  .map(({ body }) => body)

/** What mocks an end of a row, inside of a string, a list or an object. */
const TRICKS = [
  ...[
    '},{',
    '"},{"',
    '\\"},{\\"',
    '\\\\',
    ']',
    '[{',
    '}]',
    '},{"kind":"lru","uuid":"x","aborted":false},{',
    '\u2028',
    '\uFEFF',
  ],
  ...[
    '"x":[{"a":1},{"b":2}],',
    '"x":{"a":{},"b":{}},',
    '"__proto__":{},',
    '"uuid":"twice",',
    '},\n{',
    '} , {',
    '{},',
    '1e400',
  ],
]

const tricky = fc.oneof(fc.constantFrom(...TRICKS), fc.string({ maxLength: 4 }))

/** A row as the server writes it, with a text in it that mocks another. */
const row = fc.oneof(
  wireStatus,
  fc.tuple(wireStatus, tricky).map(([status, err]) => ({ ...status, err })),
  fc.constant({ kind: 'lru', uuid: 'same', err: '', end_time: 0, aborted: false }),
)

/** Spaces where JSON allows them: none, before the first row, or between some of the rows. */
const SPACES: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.replace(/^\[/, ' [\n'),
  (text) => text.replace(/\},\{/g, '}, {'),
  (text) => text.replace(/\},\{/, '},\n{'),
]

const proper = fc
  .tuple(
    fc.array(row, { maxLength: 6 }),
    fc.constantFrom('', '\n', ' ', '\u00A0', '\uFEFF', '\u2028', '\t\r\n'),
    fc.constantFrom(...SPACES),
  )
  .map(([rows, end, spaced]) => spaced(stringifyJson(rows)) + end)

const spliced = fc.tuple(proper, tricky, fc.double({ min: 0, max: 1, noNaN: true })).map(([text, trick, where]) => {
  const at = Math.floor(where * text.length)
  return text.slice(0, at) + trick + text.slice(at)
})

const text = fc.oneof(
  { weight: 4, arbitrary: proper },
  { weight: 3, arbitrary: spliced },
  { weight: 2, arbitrary: mutated(captured) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('null', '', '[]', '[{}]', '[{},{}]', '[null]', '{}', '[{]', '[}]', ' null\n'),
  },
)

describe('statusRows', () => {
  it('says what the codec says, of any text and whatever came before', () => {
    const outcomes = { read: 0, refused: 0 }
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), fc.boolean(), (texts, twice) => {
        const read = statusRows()
        for (const one of twice ? [...texts, ...texts] : texts) {
          const expected = decode(JobStatuses, one)
          expect(read(one)).to.deep.equal(expected)
          outcomes[isLeft(expected) ? 'refused' : 'read'] += 1
        }
      }),
      { numRuns: 3000 },
    )
    // Both are reached, or the comparison would prove nothing.
    expect(Math.min(outcomes.read, outcomes.refused)).to.be.above(500)
  }).timeout(30_000)

  it('says so of each recorded reply', () => {
    for (const body of captured) expect(statusRows()(body)).to.deep.equal(decode(JobStatuses, body))
    expect(captured.length).to.be.above(1)
  })

  const written = (n: number, endTime = 0): string =>
    `"kind":"lru","uuid":"job${n}","err":"},{","end_time":${endTime},"aborted":false`
  const plain = (n: number, endTime = 0): string => written(n, endTime).replace('},{', '')
  const table = (rows: readonly string[]): string => `[${rows.map((one) => `{${one}}`).join(',')}]`

  const rowsOf = (read: ReturnType<typeof statusRows>, of: string) => {
    const result = read(of)
    if (isLeft(result)) throw new Error(result.left.problems.join())
    return result.right
  }

  it('tells all that an end in the middle of a text hides', () => {
    const apart = `[{${plain(1)}}, {${plain(2)}},{${plain(3)}}]`
    expect(rowsOf(statusRows(), apart).map(({ id }) => id)).to.deep.equal(['job1', 'job2', 'job3'])
    for (const rows of [[written(1)], [plain(1), written(2), plain(3)], [written(1), written(2)]])
      expect(rowsOf(statusRows(), table(rows))).to.deep.equal(rowsOf(statusRows(), `${table(rows)} `))
    expect(rowsOf(statusRows(), table([plain(1), written(2)]))[1]).to.deep.equal({
      ...{ id: 'job2', kind: 'lru', err: '},{', aborted: false },
    })
  })

  it('is as deep as the whole is, and no deeper', () => {
    for (let depth = 55; depth < 70; depth++) {
      const deep = table([plain(1), `"deep":${'['.repeat(depth)}${']'.repeat(depth)},${plain(2)}`])
      expect(statusRows()(deep), String(depth)).to.deep.equal(decode(JobStatuses, deep))
    }
  })

  it('gives the very same object for a row that is the same, wherever it stands, and a new one for a row that is not', () => {
    const read = statusRows()
    const before = rowsOf(read, table([plain(1), plain(2), plain(3)]))
    const now = rowsOf(read, table([plain(3), plain(4), plain(2, 7), plain(1)]))
    expect([now[0], now[3]].map((one) => before.indexOf(one!))).to.deep.equal([2, 0])
    expect(now[2]).to.deep.equal({ ...before[1], endTime: 7n })
    expect(now.slice(1, 3).map((one) => before.indexOf(one))).to.deep.equal([-1, -1])
  })

  it('gives the very same table for the very same text, after others that could not be read too', () => {
    const read = statusRows()
    const one = table([plain(1), plain(1)])
    const before = rowsOf(read, one)
    expect(before[0]).to.equal(before[1])
    for (const other of ['null', '<html>', '[{}]', `${one} `]) {
      read(other)
      expect(rowsOf(read, one)).to.equal(before)
    }
    expect(rowsOf(read, `${one}\n`)).to.equal(before)
  })

  it('gives each end to the nanosecond, and a new object when only the nanoseconds differ', () => {
    const read = statusRows()
    const at = (end: string): string => table([plain(1), plain(2).replace('"end_time":0', `"end_time":${end}`)])
    const before = rowsOf(read, at('1795427154572988356'))
    expect(before[1]?.endTime).to.equal(1795427154572988356n)
    const now = rowsOf(read, at('1795427154572988357'))
    expect(now[1]?.endTime).to.equal(1795427154572988357n)
    expect(now[0]).to.equal(before[0])
    // Where the text writes the number in another way, the codec reads it.
    for (const other of ['1.795427154572988e18', ' 1795427154572988357', `1${'0'.repeat(40)}`])
      expect(read(at(other)), other).to.deep.equal(decode(JobStatuses, at(other)))
    const mock = at('1795427154572988357').replace('"err":""', '"err":"\\"end_time\\":1795427154572988356,"')
    expect(rowsOf(read, mock)).to.deep.equal(rowsOf(statusRows(), `${mock} `))
  })

  it('keeps nothing of a row that was not in the newest table', () => {
    const read = statusRows()
    const before = rowsOf(read, table([plain(1), plain(2)]))
    rowsOf(read, table([plain(2)]))
    const now = rowsOf(read, table([plain(1), plain(2)]))
    expect(now).to.deep.equal(before)
    expect([now[0] === before[0], now[1] === before[1]]).to.deep.equal([false, true])
  })
})
