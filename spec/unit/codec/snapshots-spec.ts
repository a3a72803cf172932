import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import type * as t from 'io-ts'
import { parseJson, stringifyJson } from '../../../lib/codec/json.ts'
import { Snapshots, type SnapshotsWire } from '../../../lib/codec/snapshots.ts'
import { isRight } from '../../../lib/common/either.ts'
import { snapshots, wireSnapshots } from '../../helpers/arbitraries.ts'
import { decoded, itIsLawful, refuses } from './helpers/laws.ts'

// The snapshots of each target on the wire. Any text may be the id of a target, also `__proto__`.

describe('Snapshots', () => {
  itIsLawful({ codec: Snapshots, wire: wireSnapshots, value: snapshots })

  it('is a codec from its wire type to its value type', () => {
    expectTypeOf(Snapshots).toEqualTypeOf<t.Type<Snapshots, SnapshotsWire>>()
  })

  const unusualIds = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  for (const target of unusualIds)
    it(`decodes and encodes a target with the id ${target}`, () => {
      const text = `{"t1":[],${JSON.stringify(target)}:[{"id":"a","kind":"lru"}]}`
      const json = parseJson(text)
      const value = decoded(Snapshots, isRight(json) ? json.right : undefined)
      expect(Object.keys(value)).to.deep.equal(['t1', target])
      expect(value[target]).to.have.lengthOf(1)
      expect(Object.getPrototypeOf(value)).to.equal(Object.prototype)
      const again = parseJson(stringifyJson(Snapshots.encode(value)))
      expect(decoded(Snapshots, isRight(again) ? again.right : undefined)).to.deep.equal(value)
      expect(Object.keys(Object.prototype), 'Object.prototype is unchanged').to.be.empty
    })

  it('has no keys that look like targets if it is empty', () => {
    const value = decoded(Snapshots, {})
    expect(Object.keys(value)).to.deep.equal([])
    for (const target of unusualIds) expect(Object.hasOwn(value, target), target).to.equal(false)
  })

  it('decodes null to an empty list of snapshots', () => {
    expect(decoded(Snapshots, { t1: null })).to.deep.equal({ t1: [] })
  })

  it('refuses everything but a record of arrays of snapshots', () => {
    for (const value of [
      null,
      [],
      [[]],
      'x',
      1,
      { t1: {} },
      { t1: 'x' },
      { t1: [null] },
      { t1: [[]] },
      { t1: undefined },
    ])
      expect(refuses(Snapshots, value), JSON.stringify(value)).to.equal(true)
  })
})
