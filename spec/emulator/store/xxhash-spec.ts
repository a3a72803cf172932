import { expect } from 'chai'
import { xxhash64 } from '../../../lib/emulator/store/xxhash.ts'

// The checksums of objects are xxhash64, as in AIStore.

/** Bytes that repeat no short pattern. */
const patternOf = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Math.floor(((i * 2_654_435_761) % 2 ** 32) / 2 ** 13) % 256)

describe('the checksum of emulated objects', () => {
  for (const [text, value] of [
    ['hello world', '45ab6734b21e6968'],
    ['deep', '7e6596fd7d328f3a'],
    ['b', '78452aa11af39f9b'],
  ] as const) {
    it(`is that of a real cluster for '${text}'`, () => {
      expect(xxhash64(new TextEncoder().encode(text))).to.equal(value)
    })
  }

  // The values come from the xxhash module of Python.
  for (const [length, value] of [
    [0, 'ef46db3751d8e999'],
    [7, 'e2400cdea02ee3c5'],
    [31, 'b74baa9042b94dee'],
    [32, '4e13111ced6f735d'],
    [33, 'f7b9faf20b3bce63'],
    [100, 'd61ea92c5ae13676'],
    [4_097, 'b49d5946976a447f'],
  ] as const) {
    it(`is right for ${length} bytes`, () => expect(xxhash64(patternOf(length))).to.equal(value))
  }
})
