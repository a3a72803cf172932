import { expect } from 'chai'
import fc from 'fast-check'
import { decode } from '../../../lib/codec/decode.ts'
import { JobStatuses } from '../../../lib/codec/job-statuses.ts'
import { stringifyJson } from '../../../lib/codec/json.ts'
import { byId, statusList, type StatusList } from '../../../lib/codec/status-list.ts'
import { isLeft } from '../../../lib/common/either.ts'
import { wireStatus } from '../../helpers/arbitraries.ts'
import { mutated } from './helpers/mutations.ts'
import { replies } from './helpers/replies.ts'
import { casesOf } from '../../fuzz/seed.ts'

// A reader of lists of statuses that returns the same objects for rows that have not changed. It must agree with the
// codec for any text.

const recordedBodies = Object.values(replies)
  .filter(({ codec }) => codec === 'JobStatuses')
  .map(({ body }) => body)

/** Texts that look like the end of a row, inside a string, a list or an object. */
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

const anyTrick = fc.oneof(fc.constantFrom(...TRICKS), fc.string({ maxLength: 4 }))

/** A row as the server writes it. Its error may look like the end of a row. */
const anyRow = fc.oneof(
  wireStatus,
  fc.tuple(wireStatus, anyTrick).map(([status, err]) => ({ ...status, err })),
  fc.constant({ kind: 'lru', uuid: 'same', err: '', end_time: 0, aborted: false }),
)

/** Adds spaces where JSON allows them: nowhere, before the first row, or between rows. */
const SPACINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.replace(/^\[/, ' [\n'),
  (text) => text.replace(/\},\{/g, '}, {'),
  (text) => text.replace(/\},\{/, '},\n{'),
]

const anyProperText = fc
  .tuple(
    fc.array(anyRow, { maxLength: 6 }),
    fc.constantFrom('', '\n', ' ', '\u00A0', '\uFEFF', '\u2028', '\t\r\n'),
    fc.constantFrom(...SPACINGS),
  )
  .map(([rows, end, spaced]) => spaced(stringifyJson(rows)) + end)

const anySplicedText = fc
  .tuple(anyProperText, anyTrick, fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([text, trick, where]) => {
    const at = Math.floor(where * text.length)
    return text.slice(0, at) + trick + text.slice(at)
  })

const anyText = fc.oneof(
  { weight: 4, arbitrary: anyProperText },
  { weight: 3, arbitrary: anySplicedText },
  { weight: 2, arbitrary: mutated(recordedBodies) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'null',
      '',
      '[]',
      '[{}]',
      '[{},{}]',
      '[null]',
      '{}',
      '[{]',
      '[}]',
      ']',
      '] ',
      '[',
      ' null\n',
    ),
  },
)

/** What the codec decodes from a text, as a map by id. */
const expectedOf = (text: string): unknown => {
  const expected = decode(JobStatuses, text)
  return isLeft(expected) ? expected : new Map([...byId(expected.right)].sort())
}

/** The statuses that a reader finds in a text, in their order, or its Left. */
const statusesReadBy = (read: ReturnType<typeof statusList>, text: string): unknown => {
  const table = read(text)
  return isLeft(table)
    ? table
    : new Map(
        table.right
          .keys()
          .map((id) => [id, table.right.get(id)] as const)
          .sort(),
      )
}

describe('statusList', () => {
  it('equals what the codec decodes, for any text and any previous texts', () => {
    const outcomes = { read: 0, refused: 0 }
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 4 }), fc.boolean(), (texts, twice) => {
        const read = statusList()
        for (const one of twice ? [...texts, ...texts] : texts) {
          const expected = expectedOf(one)
          expect(statusesReadBy(read, one)).to.deep.equal(expected)
          outcomes[expected instanceof Map ? 'read' : 'refused'] += 1
        }
      }),
      { numRuns: casesOf(1500) },
    )
    // Makes sure that the random texts contain both valid and invalid lists.
    expect(Math.min(outcomes.read, outcomes.refused)).to.be.above(casesOf(500))
  }).timeout(30_000)

  it('finds a job that is listed twice, as changed and as in the last list', () => {
    const read = statusList()
    const of = (id: string, end: number): string =>
      `"kind":"lru","uuid":"${id}","err":"","end_time":${end},"aborted":false`
    statusesReadBy(read, listText([of('b', 0), of('c', 1)]))
    const body = listText([of('c', 0), of('b', 0), of('c', 1)])
    expect(statusesReadBy(read, body)).to.deep.equal(expectedOf(body))
  })

  it('equals what the codec decodes while jobs come, go, change or are listed twice', () => {
    const rows = ['a', 'b', 'c'].flatMap((id) => [0, 1, 1795427154572988356].map((end) => [id, end] as const))
    fc.assert(
      fc.property(fc.array(fc.array(fc.constantFrom(...rows), { maxLength: 5 }), { maxLength: 5 }), (lists) => {
        const read = statusList()
        let before: StatusList | undefined
        for (const list of lists) {
          const body = listText(
            list.map(([id, end]) => `"kind":"lru","uuid":"${id}","err":"","end_time":${end},"aborted":false`),
          )
          expect(statusesReadBy(read, body)).to.deep.equal(expectedOf(body))
          const now = listReadBy(read, body)
          now.each((status, id) => {
            const old = before?.get(id)
            if (old?.endTime === status.endTime && old !== undefined) expect(status).to.equal(old)
          })
          before = now
        }
      }),
      { numRuns: casesOf(500) },
    )
  })

  it('equals what the codec decodes from each recorded reply', () => {
    for (const body of recordedBodies) expect(statusesReadBy(statusList(), body)).to.deep.equal(expectedOf(body))
    expect(recordedBodies.length).to.be.above(1)
  })

  const trickyRow = (n: number, endTime = 0): string =>
    `"kind":"lru","uuid":"job${n}","err":"},{","end_time":${endTime},"aborted":false`
  const plainRow = (n: number, endTime = 0): string => trickyRow(n, endTime).replace('},{', '')

  it('reads rows that contain row separators, and rows with spaces between them', () => {
    const apart = `[{${plainRow(1)}}, {${plainRow(2)}},{${plainRow(3)}}]`
    expect([...listReadBy(statusList(), apart).keys()]).to.deep.equal(['job1', 'job2', 'job3'])
    expect(listReadBy(statusList(), listText([plainRow(1), trickyRow(2)])).get('job2')).to.deep.equal({
      id: 'job2',
      kind: 'lru',
      err: '},{',
      aborted: false,
    })
  })

  it('accepts and refuses the same nesting depths as the codec', () => {
    for (let depth = 55; depth < 70; depth++) {
      const deep = listText([plainRow(1), `"deep":${'['.repeat(depth)}${']'.repeat(depth)},${plainRow(2)}`])
      expect(statusesReadBy(statusList(), deep), String(depth)).to.deep.equal(expectedOf(deep))
    }
  })

  it('returns the same object for an unchanged row in any position, and a new object for a changed row', () => {
    const read = statusList()
    const before = listReadBy(read, listText([plainRow(1), plainRow(2), plainRow(3)]))
    const now = listReadBy(read, listText([plainRow(3), plainRow(4), plainRow(2, 7), plainRow(1)]))
    expect(
      [now.get('job1'), now.get('job3')].map((one, n) => one === before.get(n === 0 ? 'job1' : 'job3')),
    ).to.deep.equal([true, true])
    expect(now.get('job2')).to.deep.equal({ ...before.get('job2'), endTime: 7n })
    expect([...now.keys()]).to.deep.equal(['job1', 'job2', 'job3', 'job4'])
  })

  it('notices a change in any part of a row, even if the row keeps its length', () => {
    const read = statusList()
    listReadBy(read, listText([plainRow(1)]))
    const changes: readonly (readonly [from: string, to: string])[] = [
      ['"kind":"lru"', '"kind":"ext"'],
      ['"uuid":"job1"', '"uuid":"job9"'],
      ['"end_time":0', '"end_time":7'],
      ['"err":""', '"err":"full"'],
      ['"aborted":false', '"aborted":true'],
    ]
    for (const [from, to] of changes) {
      const body = listText([plainRow(1).replace(from, to)])
      expect(statusesReadBy(read, body), to).to.deep.equal(expectedOf(body))
      expect(listReadBy(read, listText([plainRow(1)])).get('job1'), to).to.include({
        kind: 'lru',
        err: '',
        aborted: false,
      })
    }
  })

  it('returns the same map for the same rows in any order, also after texts that could not be decoded', () => {
    const read = statusList()
    const before = listReadBy(read, listText([plainRow(1), plainRow(2)]))
    for (const other of ['<html>', '[{}]', '{}']) {
      read(other)
      expect(listReadBy(read, listText([plainRow(2), plainRow(1)]))).to.equal(before)
      expect(listReadBy(read, `${listText([plainRow(1), plainRow(2)])}\n`)).to.equal(before)
    }
  })

  it('keeps the unchanged objects of a list that has a job twice', () => {
    const read = statusList()
    const twice = (n: number): string => listText([plainRow(1), plainRow(1, 5), plainRow(n)])
    const before = listReadBy(read, twice(2))
    expect(before.get('job1')?.endTime).to.equal(5n)
    const now = listReadBy(read, twice(3))
    expect(now.get('job1')).to.equal(before.get('job1'))
    expect(listReadBy(read, listText([plainRow(1)])).get('job1')?.endTime).to.equal(undefined)
  })

  it('keeps end times to the nanosecond, and returns a new object if only the nanoseconds differ', () => {
    const read = statusList()
    const at = (end: string): string =>
      listText([plainRow(1), plainRow(2).replace('"end_time":0', `"end_time":${end}`)])
    const before = listReadBy(read, at('1795427154572988356'))
    expect(before.get('job2')?.endTime).to.equal(1795427154572988356n)
    expect(listReadBy(read, at('1795427154572988356')).get('job2')).to.equal(before.get('job2'))
    const [exact, same] = [statusList(), at('1795427154572988')]
    expect(listReadBy(exact, `${same} `).get('job2')).to.equal(listReadBy(exact, same).get('job2'))
    const now = listReadBy(read, at('1795427154572988357'))
    expect(now.get('job2')?.endTime).to.equal(1795427154572988357n)
    expect(now.get('job1')).to.equal(before.get('job1'))
    // If the text writes the number in another way, the codec reads the list.
    for (const other of ['1.795427154572988e18', ' 1795427154572988357', `1${'0'.repeat(40)}`])
      expect(statusesReadBy(read, at(other)), other).to.deep.equal(expectedOf(at(other)))
    for (const other of ['"abc"', '"1234"', '""', 'true', '1795427154572988356.0', 'null'])
      expect(statusesReadBy(statusList(), at(other)), other).to.deep.equal(expectedOf(at(other)))
    const mock = at('1795427154572988357').replace('"err":""', '"err":"\\"end_time\\":1795427154572988356,"')
    expect(statusesReadBy(read, mock)).to.deep.equal(expectedOf(mock))
  })

  it('returns a new object for a job that was missing from the last list', () => {
    const read = statusList()
    const before = listReadBy(read, listText([plainRow(1), plainRow(2)]))
    expect([...listReadBy(read, listText([plainRow(2)])).keys()]).to.deep.equal(['job2'])
    const now = listReadBy(read, listText([plainRow(1), plainRow(2)]))
    expect([now.get('job1') === before.get('job1'), now.get('job2') === before.get('job2')]).to.deep.equal([
      false,
      true,
    ])
  })

  it('returns a new object for a job that was missing from the last list, even if no job after it was listed', () => {
    const read = statusList()
    const before = listReadBy(read, listText([plainRow(1), plainRow(2)]))
    expect([...listReadBy(read, listText([plainRow(1)])).keys()]).to.deep.equal(['job1'])
    const now = listReadBy(read, listText([plainRow(1), plainRow(2)]))
    expect(now.get('job2')).to.deep.equal(before.get('job2'))
    expect(now.get('job2')).not.to.equal(before.get('job2'))
  })
})

/** A list with these rows as JSON. */
const listText = (rows: readonly string[]): string => `[${rows.map((one) => `{${one}}`).join(',')}]`

/** The list that a reader finds in a text, which it must accept. */
function listReadBy(read: ReturnType<typeof statusList>, of: string): StatusList {
  const result = read(of)
  if (isLeft(result)) throw new Error(result.left.problems.join())
  return result.right
}
