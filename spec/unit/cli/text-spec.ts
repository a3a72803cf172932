import { expect } from 'chai'
import fc from 'fast-check'
import { bucketText, parseBucket } from '../../../lib/model/bucket-text.ts'
import { parseDuration } from '../../../lib/cli/text/duration.ts'
import { duration } from '../../../lib/common/format.ts'
import { escape, jsonLine } from '../../../lib/cli/text/escape.ts'
import { nearest } from '../../../lib/cli/text/nearest.ts'
import { cut, pad, widthOf } from '../../../lib/cli/text/width.ts'
import { anyText } from '../../helpers/any-text.ts'

// How the command line reads and prints durations, texts of a server, buckets and names.

describe('a duration of the command line', () => {
  it('is in seconds without a unit, as `ais` reads it', () => {
    expect(['10', '1.5', '500ms', '3s', '2m', '1h', '1h30m', '0'].map(parseDuration)).to.deep.equal([
      10_000, 1_500, 500, 3_000, 120_000, 3_600_000, 5_400_000, 0,
    ])
  })

  it('is invalid with any other text', () => {
    for (const text of ['', 'soon', '3 s', '-1', '1d', '3s!', '1e3', 's', '.'])
      expect(parseDuration(text), text).to.equal(undefined)
  })

  it('is printed in its two largest units', () => {
    expect([0, 400, 59_400, 60_000, 185_000, 7_620_000, 90_000_000].map(duration)).to.deep.equal([
      '0 s',
      '0 s',
      '59 s',
      '1 min 0 s',
      '3 min 5 s',
      '2 h 7 min',
      '1 d 1 h',
    ])
  })
})

describe('a text of a server', () => {
  const hostile: readonly (readonly [what: string, text: string, escaped: string])[] = [
    ['ESC', 'a\u001b[31mb', 'a\\x1b[31mb'],
    ['an OSC with its bell', '\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
    ['a C1 control', '\u009b31m', '\\x9b31m'],
    ['line breaks', 'a\r\nb\u2028c\u0085d', 'a\\x0d\\x0ab\\u2028c\\x85d'],
    ['bidi controls', '\u202egnp.exe\u2066', '\\u202egnp.exe\\u2066'],
    ['an invisible tag', 'a\u{e0041}b', 'a\\u{e0041}b'],
    ['half of a pair', 'a\ud800b', 'a\\ud800b'],
    ['DEL and backspaces', 'a\u007f\u0008', 'a\\x7f\\x08'],
  ]
  for (const [what, text, escaped] of hostile)
    it(`shows ${what} as an escape sequence of letters`, () => {
      expect(escape(text)).to.equal(escaped)
    })

  it('keeps letters, accents, emoji with joiners and CJK characters', () => {
    const text = 'café 日本 👩‍👩‍👧 naïve ß'
    expect(escape(text)).to.equal(text)
  })

  it('never controls a terminal, and JSON lines parse back to the same value', () => {
    const any = anyText()
    fc.assert(
      fc.property(any, (text) => {
        expect(escape(text)).to.match(/^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u)
        const line = jsonLine({ text })
        expect(line).to.match(/^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u)
        expect(JSON.parse(line)).to.deep.equal({ text })
      }),
    )
  })
})

describe('the width of a text', () => {
  it('is counted in cells of the terminal', () => {
    expect(['abc', 'é', 'e\u0301', '日本', '👩‍👩‍👧', '…'].map(widthOf)).to.deep.equal([3, 1, 1, 4, 2, 1])
  })

  it('is never exceeded after a cut, which splits no grapheme', () => {
    expect(cut('日本語', 4)).to.equal('日…')
    expect(cut('abc', 3)).to.equal('abc')
    expect(cut('abc', 0)).to.equal('')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, cells) => {
        expect(widthOf(cut(escape(text), cells))).to.be.at.most(cells)
      }),
    )
  })

  it('is filled with spaces on either side', () => {
    expect([pad('日', 4), pad('日', 4, true), pad('abc', 2)]).to.deep.equal(['日  ', '  日', 'abc'])
  })
})

describe('a bucket of the command line', () => {
  const buckets: readonly (readonly [text: string, bucket: object, written: string])[] = [
    ['photos', { name: 'photos' }, 'ais://photos'],
    ['ais://photos', { name: 'photos' }, 'ais://photos'],
    ['s3://b', { name: 'b', provider: 'aws' }, 'aws://b'],
    ['gs://b/', { name: 'b', provider: 'gcp' }, 'gcp://b'],
    ['az://b', { name: 'b', provider: 'azure' }, 'azure://b'],
    ['ais://#ns/b', { name: 'b', namespace: { uuid: '', name: 'ns' } }, 'ais://#ns/b'],
    ['ais://@uuid#ns/b', { name: 'b', namespace: { uuid: 'uuid', name: 'ns' } }, 'ais://@uuid#ns/b'],
  ]
  for (const [text, bucket, written] of buckets)
    it(`is read from ${text} and written as ${written}`, () => {
      const parsed = parseBucket(text)
      expect(parsed).to.deep.equal(bucket)
      expect(parsed && bucketText(parsed)).to.equal(written)
    })

  it('is invalid with any other text', () => {
    for (const text of ['', 'ais://', 'a/b', 'ais://a/b', 'AIS://x', 'a b://c', '://x'])
      expect(parseBucket(text), text).to.equal(undefined)
  })
})

describe('the nearest name', () => {
  const names = ['show', 'watch', 'events', 'wait', 'start', 'stop', 'timeout']
  it('is the one with the fewest wrong letters, or the one that begins with the text', () => {
    expect(['shwo', 'wacth', 'even', 'time', 'Start', 'sotp'].map((wrong) => nearest(wrong, names))).to.deep.equal([
      'show',
      'watch',
      'events',
      'timeout',
      'start',
      'stop',
    ])
  })

  it('is undefined if no name is similar', () => {
    expect(['xyz', 'prefetch', '', 'q'.repeat(10_000)].map((wrong) => nearest(wrong, names))).to.deep.equal([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})
