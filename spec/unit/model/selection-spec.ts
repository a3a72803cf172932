import { expect } from 'chai'
import fc from 'fast-check'
import { JobSnap } from '../../../lib/codec/job-snap.ts'
import { isLeft, left, right } from '../../../lib/common/either.ts'
import { explain } from '../../../lib/error.ts'
import {
  checkBucket,
  isJobId,
  select,
  selects,
  type JobSelector,
  type Selection,
} from '../../../lib/model/selection.ts'

// `select` checks a user's selector, and turns it into the selection that requests and views use.
// An id in a title, such as S1, is a row of docs/faults.md.

/** What the library makes of this selector. */
const selectionOf = (given: unknown, need: 'anything' | 'job' = 'anything'): ReturnType<typeof select> =>
  select(given as JobSelector, [{ kind: 'defrag', displayName: 'tidy', scope: 'cluster' }], need)

/** Expects that the selector is refused because of this argument; returns the message. */
function expectRefused(given: unknown, argument: string, need?: 'job'): string {
  const result = selectionOf(given, need)
  if (!isLeft(result)) throw new Error(`accepted ${JSON.stringify(given)}`)
  expect(result.left._tag).to.equal('InvalidArgument')
  expect(result.left.argument).to.equal(argument)
  expect(result.left.message).to.match(/^got .+; (takes|did you mean) .+$/)
  expect(explain(result.left)).to.equal(`${argument}: ${result.left.message}`)
  return result.left.message
}

const anyEndOfId = fc.constantFrom(...Array.from('ABCXYZabcxyz0189'))
const anyInnerOfId = fc.constantFrom(...Array.from('ABCXYZabcxyz0189-_'))
const anyGeneratedId = fc
  .tuple(anyEndOfId, fc.array(anyInnerOfId, { minLength: 7, maxLength: 30 }), anyEndOfId)
  .map(([first, middle, last]) => [first, ...middle, last].join(''))
const anyRebalanceId = fc.nat().map((n) => `g${n}`)
const anyId = fc.oneof(anyGeneratedId, anyRebalanceId)

const wrongTypes: readonly unknown[] = [null, 0, 1, NaN, true, 1n, Symbol('x'), {}, [], ['g1'], () => 'g1', new Date(0)]

describe('what a launch expects', () => {
  const filesOf = (given: object): unknown => {
    const result = selectionOf(given)
    return isLeft(result) ? result.left : result.right.files
  }

  it('is the number of files of one download', () => {
    expect(filesOf({ id: 'dnl-FH-CdapbR', expected: { objects: 30 } })).to.equal(30)
  })

  it('is ignored for other jobs, for several downloads, and if it is not a number', () => {
    expect(filesOf({ id: 'V7Bc1dasbT', expected: { objects: 30 } })).to.equal(undefined)
    expect(filesOf({ kind: 'download', expected: { objects: 30 } })).to.equal(undefined)
    expect(filesOf({ id: 'dnl-FH-CdapbR,dnl-otherOne1', expected: { objects: 30 } })).to.equal(undefined)
    for (const expected of [undefined, null, 5, 'x', {}, { objects: '30' }, { objects: NaN }, { objects: Infinity }])
      expect(filesOf({ id: 'dnl-FH-CdapbR', expected })).to.equal(undefined)
  })
})

describe('the id of a selector', () => {
  it('is accepted if it matches the grammar of the server, alone or in a list (T23)', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyId, { minLength: 1, maxLength: 5 }), (ids) => {
        expect(selectionOf({ id: ids.join(',') })).to.deep.equal(right({ ids, onlyRunning: false }))
      }),
    )
  })

  for (const seen of ['V7Bc1dasbT', 'g3', 'g-1', 'x5', '12', 'tco-IYDYicXwmc', 'dnl-FH-CdapbR', 'a'.repeat(32)])
    it(`is valid: ${seen}`, () => {
      expect(isJobId(seen)).to.equal(true)
    })

  const hostile: readonly string[] = [
    '',
    ',',
    'g1,',
    ',g1',
    'g1,,g2',
    'g1, g2',
    'bad',
    'g',
    'a'.repeat(33),
    '-abcdefghi',
    'abcdefghi_',
    '../../../etc',
    'abcdef/../x',
    'abcd%2Fefgh',
    'abcdefgh"',
    "abcdefgh'x",
    'abcdefghi\n',
    'abcdefg\r\nX',
    'abcdefghi\u0000',
    'abcdefgh\u202e1',
    'abcdefgh😀x',
    'äbcdefghij',
    'ａbcdefghij',
    'abcdefghi j',
    'x'.repeat(100_000),
  ]
  for (const text of hostile)
    it(`is refused: ${JSON.stringify(text.slice(0, 40))}`, () => {
      const message = expectRefused({ id: text }, 'id')
      expect(message).to.match(/^[\x20-\x7e😀äａ]+$/)
      expect(message.length).to.be.below(300)
    })

  it('is refused if it contains any character outside the grammar (S1)', () => {
    const foreign = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => /[^A-Za-z0-9_,+-]/.test(text))
    fc.assert(
      fc.property(anyId, foreign, fc.nat(20), (good, bad, at) => {
        const text = good.slice(0, at) + bad + good.slice(at)
        expect(expectRefused({ id: text }, 'id')).not.to.match(/[\p{Cc}\p{Zl}\p{Zp}]/u)
      }),
    )
  })

  it('may be of a job that gets its work page by page', () => {
    expect(selectionOf({ id: 'tco-FH-CdapbR', paged: true })).to.deep.equal(
      right({ ids: ['tco-FH-CdapbR'], paged: true, onlyRunning: false }),
    )
    expect(selectionOf({ id: 'g1', paged: false })).to.deep.equal(right({ ids: ['g1'], onlyRunning: false }))
  })

  it('is selected once if the list repeats it', () => {
    expect(selectionOf({ id: 'g1,g2,g1' })).to.deep.equal(right({ ids: ['g1', 'g2'], onlyRunning: false }))
  })
})

describe('the kind of a selector', () => {
  const translated: readonly (readonly [given: string, own: string])[] = [
    ['lru', 'lru'],
    ['lru-eviction', 'lru'],
    ['copy-bucket', 'copy-bck'],
    ['warm-up-metadata', 'load-lom-cache'],
    ['mirror', 'make-n-copies'],
    ['defrag', 'defrag'],
    ['tidy', 'defrag'],
  ]
  for (const [given, own] of translated)
    it(`is translated: ${given} to ${own}`, () => {
      expect(selectionOf({ kind: given })).to.deep.equal(right({ ids: [], kind: own, onlyRunning: false }))
    })

  it('is refused with a suggestion if it is unknown: the server would return all jobs (T4)', () => {
    expect(expectRefused({ kind: 'lur' }, 'kind'))
      .to.contain('got "lur"')
      .and.to.contain('did you mean "lru"?')
    expect(expectRefused({ kind: 'defrga' }, 'kind')).to.contain('did you mean "defrag"?')
    expect(expectRefused({ kind: 'zzzzzzzzz' }, 'kind')).to.contain('takes the name of a kind')
  })

  it('is accepted if it is unknown but an id is given (T4)', () => {
    expect(selectionOf({ id: 'g1', kind: 'newer' })).to.deep.equal(
      right({ ids: ['g1'], kind: 'newer', onlyRunning: false }),
    )
  })

  for (const bad of ['', ' lru', 'lru\n', 'l/ru', '"', 'é', 'x'.repeat(65)])
    it(`is refused with or without an id: ${JSON.stringify(bad)}`, () => {
      expectRefused({ kind: bad }, 'kind')
      expectRefused({ id: 'g1', kind: bad }, 'kind')
    })
})

describe('the bucket of a selector', () => {
  it('is copied without unknown members', () => {
    const namespace = { uuid: 'u', name: 'n', more: 1 }
    const bucket = { name: 'data', provider: 'aws', namespace, token: 's3cret' }
    expect(checkBucket('bucket', bucket)).to.deep.equal(
      right({ name: 'data', provider: 'aws', namespace: { uuid: 'u', name: 'n' } }),
    )
    expect(checkBucket('bucket', { name: 'a.b_c-1' })).to.deep.equal(right({ name: 'a.b_c-1' }))
  })

  it('has the name of its provider that the cluster reports, also if it has another name', () => {
    const providerOf = (provider: string): unknown => checkBucket('bucket', { name: 'data', provider })
    for (const [given, name] of Object.entries({
      s3: 'aws',
      gs: 'gcp',
      az: 'azure',
      oc: 'oci',
      aws: 'aws',
      ais: 'ais',
    }))
      expect(providerOf(given)).to.deep.equal(right({ name: 'data', provider: name }))
    // The names of members that every object has.
    for (const name of ['constructor', 'toString'])
      expect(providerOf(name)).to.deep.equal(right({ name: 'data', provider: name }))
  })

  const bad: readonly unknown[] = [
    {},
    { name: '' },
    { name: '.' },
    { name: '..' },
    { name: '../etc' },
    { name: 'a b' },
    { name: 'a\u0000' },
    { name: 'x'.repeat(65) },
    { name: 5 },
    { name: ['a'] },
    { name: 'b', provider: 5 },
    { name: 'b', provider: null },
    { name: 'b', provider: 'ais://' },
    { name: 'b', namespace: null },
    { name: 'b', namespace: 'n' },
    { name: 'b', namespace: [] },
    { name: 'b', namespace: {} },
    { name: 'b', namespace: { uuid: 'u' } },
    { name: 'b', namespace: { uuid: 'u', name: '#' } },
    'data',
  ]
  for (const bucket of bad)
    it(`is refused: ${JSON.stringify(bucket).slice(0, 60)}`, () => {
      expectRefused({ bucket }, 'bucket')
    })
})

describe('a selector', () => {
  it('is refused without a throw if it or a member has a wrong type', () => {
    for (const wrong of wrongTypes) {
      for (const argument of ['id', 'kind', 'bucket', 'target']) expectRefused({ [argument]: wrong }, argument)
      if (typeof wrong !== 'boolean') expectRefused({ onlyRunning: wrong }, 'onlyRunning')
      if (typeof wrong !== 'boolean') expectRefused({ id: 'g1', paged: wrong }, 'paged')
      if (wrong === null || typeof wrong !== 'object' || Array.isArray(wrong)) expectRefused(wrong, 'selector')
    }
    expectRefused('g1', 'selector')
  })

  it('is refused if it is a launch that left no job, because its kind would select other jobs', () => {
    for (const need of [undefined, 'job'] as const)
      expect(expectRefused({ done: true, kind: 'evict-remote-bck' }, 'selector', need)).to.contain('left no job')
    expect(isLeft(selectionOf({ done: undefined, kind: 'lru' }))).to.equal(false)
  })

  it('never throws, and never selects all jobs where a job is required', () => {
    const member = fc.oneof(fc.anything(), anyId, fc.constantFrom('lru', undefined))
    const given = fc.record({ id: member, kind: member, bucket: member, target: member, onlyRunning: member })
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), given),
        fc.constantFrom('anything' as const, 'job' as const),
        (value, need) => {
          const result = selectionOf(value, need)
          if (isLeft(result)) expect(result.left._tag).to.equal('InvalidArgument')
          else if (need === 'job') expect(result.right.ids.length > 0 || result.right.kind !== undefined).to.equal(true)
        },
      ),
    )
  })

  it('selects everything if it is empty, and is refused where a job is required', () => {
    expect(selectionOf(undefined)).to.deep.equal(right({ ids: [], onlyRunning: false }))
    expect(selectionOf({})).to.deep.equal(right({ ids: [], onlyRunning: false }))
    expect(selectionOf({ id: undefined })).to.deep.equal(right({ ids: [], onlyRunning: false }))
    expect(expectRefused({}, 'selector', 'job')).to.contain('neither an id nor a kind')
    expect(expectRefused(undefined, 'selector', 'job')).to.contain('neither an id nor a kind')
    expect(expectRefused({ bucket: { name: 'b' } }, 'selector', 'job')).to.contain('neither an id nor a kind')
    expect(expectRefused({ target: 't1' }, 'selector', 'job')).to.contain('neither an id nor a kind')
  })

  for (const target of ['', 'a b', '../x', 'x'.repeat(65)])
    it(`is refused with the target ${JSON.stringify(target.slice(0, 20))}`, () => {
      expectRefused({ target }, 'target')
    })
})

describe('selects', () => {
  const decoded = JobSnap.decode({
    id: 'g1',
    kind: 'copy-bck',
    'start-time': '2026-11-23T09:45:52Z',
    bck: { name: 'to', provider: 'ais' },
    'src-bck': { name: 'from', provider: 'aws' },
  })
  if (isLeft(decoded)) throw new Error('no snapshot')
  const snap = decoded.right
  const all: Selection = { ids: [], onlyRunning: false }
  const rows: readonly {
    readonly selected: boolean
    readonly what: string
    readonly part: Partial<Selection>
    readonly change: Partial<JobSnap>
  }[] = [
    { selected: true, what: 'everything', part: {}, change: {} },
    { selected: true, what: 'its id', part: { ids: ['g0', 'g1'] }, change: {} },
    { selected: false, what: 'another id', part: { ids: ['g2'] }, change: {} },
    { selected: true, what: 'its kind', part: { kind: 'copy-bck' }, change: {} },
    { selected: false, what: 'another kind', part: { kind: 'lru' }, change: {} },
    { selected: false, what: 'its id and another kind', part: { ids: ['g1'], kind: 'lru' }, change: {} },
    { selected: true, what: 'its target', part: { target: 't1' }, change: {} },
    { selected: false, what: 'another target', part: { target: 't2' }, change: {} },
    { selected: true, what: 'its destination', part: { bucket: { name: 'to' } }, change: {} },
    { selected: true, what: 'its source', part: { bucket: { name: 'from', provider: 'aws' } }, change: {} },
    { selected: false, what: 'its source of another provider', part: { bucket: { name: 'from' } }, change: {} },
    { selected: true, what: 'only running', part: { onlyRunning: true }, change: {} },
    { selected: false, what: 'only running: ended', part: { onlyRunning: true }, change: { endTime: 1n } },
    { selected: false, what: 'only running: aborted', part: { onlyRunning: true }, change: { aborted: true } },
    {
      selected: false,
      what: 'only running: about to be aborted',
      part: { onlyRunning: true },
      change: { abortErr: 'user abort' },
    },
  ]
  for (const { selected, what, part, change } of rows)
    it(`is ${selected} for a selection by ${what}`, () => {
      expect(selects({ ...all, ...part }, 't1', { ...snap, ...change })).to.equal(selected)
    })

  it('is false for a snapshot without a start time if only running jobs are selected', () => {
    const { startTime, ...unstarted } = snap
    expect(startTime).to.be.a('bigint')
    expect(selects({ ...all, onlyRunning: true }, 't1', unstarted)).to.equal(false)
  })

  it('select returns plain data that is equal by value', () => {
    expect(selectionOf({ id: 'bad' })).to.deep.equal(selectionOf({ id: 'bad' }))
    expect(selectionOf({ id: 'bad' })).to.deep.equal(
      left({
        _tag: 'InvalidArgument',
        argument: 'id',
        message:
          'got "bad"; takes 9 to 32 of A-Z a-z 0-9 - _ with a letter or digit at both ends, g and a number for a rebalance, or several of them with commas between',
      }),
    )
  })
})
