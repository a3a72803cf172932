import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import type { Either } from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { parseJson, stringifyJson } from '../../../lib/codec/json.ts'
import { isRight, right } from '../../../lib/common/either.ts'
import { anyText } from '../../helpers/any-text.ts'
import { int64 } from '../../helpers/arbitraries.ts'
import { cpuMs } from './helpers/cpu.ts'

// `parseJson` keeps integers beyond 2^53 exact, and refuses hostile texts in short time. `stringifyJson` writes them
// back.
// An id in a title, such as S6, is a row of docs/faults.md.

/** Why the text is not JSON, or `parsed`. */
const problemOf = (text: string): string => {
  const result = parseJson(text)
  return isRight(result) ? 'parsed' : result.left
}

describe('parseJson', () => {
  it('does not round 1795427154572988356, unlike JSON.parse (T26)', () => {
    expectTypeOf(parseJson).toEqualTypeOf<(text: string) => Either<string, unknown>>()
    const text = '{"end_time":1795427154572988356}'
    expect(parseJson(text)).to.deep.equal(right({ end_time: 1795427154572988356n }))
    expect(stringifyJson({ end_time: 1795427154572988356n })).to.equal(text)
  })

  it('parses and writes each int64 unchanged', () => {
    fc.assert(
      fc.property(int64, int64, (a, b) => {
        const text = `[${a}, {"b":${b},"c":"${a}"}]`
        const result = parseJson(text)
        expect(isRight(result) && stringifyJson(result.right)).to.equal(text.replace(' ', ''))
      }),
    )
  })

  it('returns a number if it is exact, else a bigint', () => {
    expect(parseJson('[9007199254740991, 9007199254740992, -9007199254740991, -9007199254740993]')).to.deep.equal(
      right([9007199254740991, 9007199254740992n, -9007199254740991, -9007199254740993n]),
    )
    expect(parseJson('[12345678901234567.5, 1234567890123456e3, 1e999]')).to.deep.equal(
      right([12345678901234567.5, 1234567890123456e3, Infinity]),
    )
  })

  it('equals JSON.parse for JSON without long integers', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const result = parseJson(text)
        expect(isRight(result) && JSON.parse(stringifyJson(result.right))).to.deep.equal(JSON.parse(text))
      }),
    )
  })

  it('parses the rest of a text in the same way with and without a long integer', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const withLong = parseJson(`[1795427154572988356,${text}]`)
        const without = parseJson(`[1,${text}]`)
        const asText = (result: Either<string, unknown>) => isRight(result) && stringifyJson(result.right).slice(1)
        expect(asText(withLong)).to.equal(String(asText(without)).replace(/^1/, '1795427154572988356'))
      }),
    )
  })

  it('keeps the last of two equal keys, with and without long numbers', () => {
    expect(parseJson('{"a":1,"a":2}')).to.deep.equal(right({ a: 2 }))
    expect(parseJson('{"a":1795427154572988356,"a":2}')).to.deep.equal(right({ a: 2 }))
  })

  it('keeps a key __proto__ as an own property, with and without long numbers', () => {
    for (const number of ['1', '1795427154572988356']) {
      const result = parseJson(`{"__proto__":{"x":${number}},"constructor":{}}`)
      const value = isRight(result) ? (result.right as object) : {}
      expect(Object.keys(value)).to.deep.equal(['__proto__', 'constructor'])
      expect(Object.getPrototypeOf(value)).to.equal(Object.prototype)
      expect(({} as Record<string, unknown>)['x']).to.equal(undefined)
    }
  })

  it('skips a byte order mark, and accepts any line ends', () => {
    expect(parseJson('\uFEFF{"a":\r\n1}\r\n')).to.deep.equal(right({ a: 1 }))
  })

  it('describes an invalid text on one line', () => {
    expect(problemOf('')).to.equal('not JSON: an empty reply')
    expect(problemOf(' \n')).to.equal('not JSON: an empty reply')
    expect(problemOf('<!DOCTYPE html><html>\n</html>')).to.equal('not JSON: 29 characters starting like HTML')
    expect(problemOf('Bad gateway')).to.equal('not JSON: 11 characters of text')
    expect(problemOf('{"a":[1,2')).to.equal('not JSON: cut off after 9 characters')
    expect(problemOf('{"a":"x')).to.equal('not JSON: cut off after 7 characters')
    expect(problemOf('{"a":1} {}')).to.equal('not JSON: 10 characters of broken JSON')
    expect(problemOf('[1,]')).to.equal('not JSON: 4 characters of broken JSON')
    expect(problemOf('{"n":1795427154572988356')).to.equal('not JSON: cut off after 24 characters')
    expect(problemOf('[01795427154572988356]')).to.equal('not JSON: 22 characters of broken JSON')
  })

  it('quotes no part of the text (S6)', () => {
    for (const text of ['hunter2', '{"token": hunter2}', '{"n": 1795427154572988356, "t": hunter2}', '{"hunter2'])
      expect(problemOf(text))
        .to.match(/^not JSON: /)
        .and.not.include('hunter')
  })

  it('refuses nesting deeper than 64 levels, and ignores brackets in strings', () => {
    const nested = (depth: number, open: string, close: string) => open.repeat(depth) + '1' + close.repeat(depth)
    expect(problemOf(nested(64, '[', ']'))).to.equal('parsed')
    expect(problemOf(nested(64, '{"a":', '}'))).to.equal('parsed')
    expect(problemOf(nested(65, '[', ']'))).to.equal('not accepted: nested deeper than 64 levels')
    expect(problemOf(nested(65, '{"a":', '}'))).to.equal('not accepted: nested deeper than 64 levels')
    const brackets = JSON.stringify('[{'.repeat(100) + '"\\')
    expect(problemOf(`{${brackets}:${brackets}}`)).to.equal('parsed')
    expect(problemOf(`[${Array.from({ length: 1000 }, () => '[]').join()}]`)).to.equal('parsed')
  })

  it('refuses a hundred to a million levels within 10 ms (D1)', () => {
    for (const depth of [1e2, 1e3, 1e4, 1e5, 1e6])
      for (const open of ['[', '{"a":', '[1795427154572988356,[']) {
        // JavaScript joins a repeated text when it is first read.
        const text = JSON.parse(JSON.stringify(open.repeat(depth))) as string
        const best = Math.min(...Array.from({ length: 3 }, () => cpuMs(() => parseJson(text))))
        expect(best, `${depth} levels of ${open}`).to.be.below(10)
        expect(problemOf(text)).to.equal('not accepted: nested deeper than 64 levels')
      }
  })

  it('needs less than 400 ms for hostile texts of a megabyte (S5)', () => {
    const hostile: Readonly<Record<string, string>> = {
      'deep arrays': '['.repeat(1_000_000),
      'deep objects': '{"a":'.repeat(1_000_000),
      backslashes: `"${'\\'.repeat(1_000_000)}"`,
      'escaped quotes': `"${'\\"'.repeat(500_000)}`,
      quotes: '"'.repeat(1_000_001),
      'a long number': `[${'9'.repeat(2_000_000)}]`,
      blanks: ' '.repeat(1_000_000),
    }
    for (const [name, text] of Object.entries(hostile)) {
      expect(
        cpuMs(() => parseJson(text)),
        name,
      ).to.be.below(400)
    }
  })

  it('never throws for any text', () => {
    fc.assert(fc.property(anyText(), (text) => problemOf(text).length > 0))
  })
})

describe('stringifyJson', () => {
  it('writes what JSON.stringify writes for a Date, a function and a symbol', () => {
    const value = { at: new Date(1e12), f: () => 1, list: [() => 1, Symbol('s'), new URL('http://h/')] }
    expect(stringifyJson(value)).to.equal(JSON.stringify(value))
    expect(stringifyJson({ toJSON: () => ({ n: 2n ** 60n }) })).to.equal('{"n":1152921504606846976}')
  })

  it('writes what JSON.stringify writes for any value without bigints', () => {
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withDate: true, withMap: true, withSparseArray: true }),
        (value) => {
          expect(stringifyJson([value])).to.equal(JSON.stringify([value]))
        },
      ),
    )
  })

  it('calls toJSON once, as JSON.stringify does, also if it returns its own object, or nothing', () => {
    const itself = { n: 1, toJSON: (): unknown => itself }
    const absent = { toJSON: () => undefined }
    for (const value of [itself, [itself], { itself }, { absent, a: 1 }, [absent]])
      expect(stringifyJson(value)).to.equal(JSON.stringify(value))
  })

  it('omits undefined members, and writes bigints as numbers', () => {
    expect(stringifyJson({ a: undefined, b: [1n, null], c: 'é"' })).to.equal('{"b":[1,null],"c":"é\\""}')
  })
})
