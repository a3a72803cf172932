import { expect } from 'chai'
import fc from 'fast-check'
import { isLeft, isRight } from '../../../lib/common/either.ts'
import type { KindInfo } from '../../../lib/model/kind.ts'
import { KINDS } from '../../../lib/model/kinds.ts'
import { checkStart, type StartOptions } from '../../../lib/model/start-options.ts'

// `checkStart` checks the options of `start` before anything is sent.
// An id in a title, such as J8, is a row of docs/faults.md.

const bucket = { name: 'b', provider: 'aws' }

const check = (options: unknown, kinds: readonly KindInfo[] = []): ReturnType<typeof checkStart> =>
  checkStart(options as StartOptions, kinds)

/** Expects that the options are refused because of this argument; returns the message. */
function expectRefused(options: unknown, argument: string, kinds?: readonly KindInfo[]): string {
  const result = check(options, kinds)
  if (isRight(result)) throw new Error(`accepted as ${JSON.stringify(result.right)}`)
  expect(result.left._tag).to.equal('InvalidArgument')
  expect(result.left.argument).to.equal(argument)
  expect(result.left.message).to.match(/^got .+$/)
  return result.left.message
}

describe('the kinds option', () => {
  it('cannot allow a start that crashes all targets (T3)', () => {
    const kinds = [
      { kind: 'prefetch-listrange', scope: 'bucket-or-cluster', startable: true },
      { kind: 'create-inventory', scope: 'bucket', startable: true },
    ] as const
    for (const options of [{ kind: 'prefetch-listrange' }, { kind: 'create-inventory', bucket: { name: 'b' } }])
      expect(checkStart(options, kinds)).to.have.nested.property('left.argument', 'bucket')
  })
})

describe('checkStart refuses', () => {
  for (const { kind, displayName, startable, advice } of KINDS)
    if (startable !== true)
      it(`${kind}, by kind or display name, with advice`, () => {
        for (const name of [kind, displayName ?? kind]) {
          expect(expectRefused({ kind: name, bucket }, 'kind')).to.equal(
            `got "${name}", which cannot be started like this: ${advice ?? ''}`,
          )
        }
      })

  it('an unknown kind, with a suggestion (T4) (J8)', () => {
    expect(expectRefused({ kind: 'rebalanse' }, 'kind')).to.contain('did you mean "rebalance"?')
    expect(expectRefused({ kind: '' }, 'kind')).to.contain('takes the name of a kind')
  })

  it('an inventory, which would crash all targets (T3)', () => {
    expect(expectRefused({ kind: 'create-inventory', bucket: { name: 'b' } }, 'kind')).to.contain(
      'brings every target down',
    )
  })

  it('a prefetch without a bucket, after which all targets would refuse new jobs until restarted (T3)', () => {
    expect(expectRefused({ kind: 'prefetch-listrange' }, 'bucket')).to.equal(
      'got none; without one, every target would stop taking jobs until it is restarted',
    )
    expect(expectRefused({ kind: 'prefetch-objects' }, 'bucket')).to.equal(
      'got none; without one, every target would stop taking jobs until it is restarted',
    )
    expectRefused({ kind: 'prefetch-listrange', buckets: [bucket] }, 'bucket')
    expectRefused({ kind: 'prefetch-listrange', bucket: null }, 'bucket')
    expectRefused({ kind: 'prefetch-listrange', bucket: { name: '' } }, 'bucket')
  })

  const needs: readonly (readonly [kind: string, argument: string, options: Partial<StartOptions>])[] = [
    ['load-lom-cache', 'bucket', {}],
    ['rechunk', 'bucket', {}],
    ['blob-download', 'bucket', { name: 'o' }],
    ['blob-download', 'name', { bucket }],
    ['blob-download', 'name', { bucket, name: '' }],
    ['resilver', 'target', {}],
    ['resilver', 'bucket', { target: 't1', bucket }],
    ['rebalance', 'bucket', { name: 'prefix/' }],
    ['rebalance', 'target', { target: 't1' }],
    ['rebalance', 'buckets', { buckets: [bucket] }],
    ['rechunk', 'buckets', { bucket: bucket, buckets: [bucket] }],
    ['lru', 'target', { target: 't1' }],
    ['lru', 'buckets', { bucket, buckets: [bucket] }],
    ['lru', 'buckets', { buckets: [] }],
    ['cleanup-store', 'target', { target: 't1' }],
  ]
  for (const [kind, argument, options] of needs)
    it(`the ${argument} of ${kind} with ${JSON.stringify(options)}`, () => {
      expectRefused({ kind, ...options }, argument)
    })
})

describe('checkStart', () => {
  it('refuses any option of a wrong type, without a throw', () => {
    for (const wrong of [null, 0, 1n, true, 'text', Symbol('x'), () => 1]) expectRefused(wrong, 'options')
    for (const wrong of [undefined, null, 5, {}, [], () => 'lru']) expectRefused({ kind: wrong }, 'kind')
    for (const wrong of [null, 5, 'b', [], () => bucket]) expectRefused({ kind: 'lru', bucket: wrong }, 'bucket')
    for (const wrong of [null, 5, 'b', {}, bucket]) expectRefused({ kind: 'lru', buckets: wrong }, 'buckets')
    for (const wrong of [null, 5, 'b', {}]) expectRefused({ kind: 'lru', buckets: [bucket, wrong] }, 'buckets[1]')
    for (const wrong of [null, 5, {}, '', 'a b']) expectRefused({ kind: 'resilver', target: wrong }, 'target')
    for (const wrong of [null, 5, {}, [], 'a\nb', 'a\u0000', 'x'.repeat(1025)])
      expectRefused({ kind: 'rebalance', bucket, name: wrong }, 'name')
    for (const wrong of [null, 0, 1, 'yes', {}]) expectRefused({ kind: 'lru', force: wrong }, 'force')
    for (const wrong of [null, -1, 0.5, NaN, Infinity, 2 ** 32, '1', 1n])
      expectRefused({ kind: 'lru', flags: wrong }, 'flags')
  })

  it('never throws', () => {
    const member = fc.oneof(fc.anything(), fc.constant(undefined))
    const options = fc.record({
      kind: fc.constantFrom(...KINDS.map(({ kind }) => kind)),
      bucket: member,
      buckets: member,
      target: member,
      name: member,
      force: member,
      flags: member,
    })
    fc.assert(
      fc.property(fc.oneof(fc.anything(), options), (value) => {
        const result = check(value)
        if (isLeft(result)) expect(result.left._tag).to.equal('InvalidArgument')
      }),
    )
  })

  it('translates a display name to the kind', () => {
    const result = check({ kind: 'lru-eviction' })
    expect(isRight(result) && result.right.kind).to.equal('lru')
  })

  it('accepts a kind that the user has added', () => {
    const kinds: readonly KindInfo[] = [{ kind: 'defrag', scope: 'bucket', startable: true }]
    expect(isRight(check({ kind: 'defrag', bucket }, kinds))).to.equal(true)
    expectRefused({ kind: 'defrag' }, 'bucket', kinds)
  })
})
