// XXH64, as https://github.com/Cyan4973/xxHash specifies it: stripes of four lanes of 8 bytes, then the remaining
// bytes.

/** A 64-bit number as two halves. Arithmetic on big integers would take a hundred times as long. */
interface Wide {
  high: number
  low: number
}

const wide = (high: number, low: number): Wide => ({ high: high | 0, low: low | 0 })

const PRIME1 = wide(0x9e3779b1, 0x85ebca87)
const PRIME2 = wide(0xc2b2ae3d, 0x27d4eb4f)
const PRIME3 = wide(0x165667b1, 0x9e3779f9)
const PRIME4 = wide(0x85ebca77, 0xc2b2ae63)
const PRIME5 = wide(0x27d4eb2f, 0x165667c5)

/** Adds `b` to `a`. */
const add = (a: Wide, b: Wide): Wide => {
  const low = (a.low >>> 0) + (b.low >>> 0)
  a.high = (a.high + b.high + (low > 0xffff_ffff ? 1 : 0)) | 0
  a.low = low | 0
  return a
}

/** Multiplies `a` by `b`. */
const multiply = (a: Wide, b: Wide): Wide => {
  const a0 = a.low & 0xffff
  const a1 = a.low >>> 16
  const b0 = b.low & 0xffff
  const b1 = b.low >>> 16
  const p00 = a0 * b0
  const p01 = a0 * b1
  const middle = a1 * b0 + (p00 >>> 16)
  const carry = (middle & 0xffff) + p01
  const high = a1 * b1 + Math.floor(middle / 0x1_0000) + Math.floor(carry / 0x1_0000)
  a.high = (high + Math.imul(a.high, b.low) + Math.imul(a.low, b.high)) | 0
  a.low = ((carry & 0xffff) << 16) | (p00 & 0xffff)
  return a
}

/** Rotates `a` to the left by 1 to 31 bits. */
const rotate = (a: Wide, bits: number): Wide => {
  const { high, low } = a
  a.high = (high << bits) | (low >>> (32 - bits))
  a.low = (low << bits) | (high >>> (32 - bits))
  return a
}

const xor = (a: Wide, b: Wide): Wide => {
  a.high ^= b.high
  a.low ^= b.low
  return a
}

/** Xors `a` with itself, shifted to the right by `bits`. */
const xorShift = (a: Wide, bits: number): Wide => {
  const { high, low } = a
  if (bits >= 32) {
    a.low = low ^ (high >>> (bits - 32))
    return a
  }
  a.low = low ^ ((low >>> bits) | (high << (32 - bits)))
  a.high = high ^ (high >>> bits)
  return a
}

const scratch = wide(0, 0)

/** Reads 64 bits. To save time, it always returns the same object, which the next call overwrites. */
const laneAt = (view: DataView, at: number): Wide => {
  scratch.low = view.getInt32(at, true)
  scratch.high = view.getInt32(at + 4, true)
  return scratch
}

const round = (into: Wide, lane: Wide): Wide => multiply(rotate(add(into, multiply(lane, PRIME2)), 31), PRIME1)

const merge = (hash: Wide, lane: Wide): Wide => add(multiply(xor(hash, round(wide(0, 0), { ...lane })), PRIME1), PRIME4)

/** Hashes all whole stripes of 32 bytes; returns the hash so far and the number of bytes that it covers. */
const stripes = (view: DataView): readonly [hash: Wide, at: number] => {
  if (view.byteLength < 32) return [{ ...PRIME5 }, 0]
  const lanes = [add({ ...PRIME1 }, PRIME2), { ...PRIME2 }, wide(0, 0), wide(-PRIME1.high - 1, -PRIME1.low)]
  let at = 0
  for (; at + 32 <= view.byteLength; at += 32) {
    for (let i = 0; i < 4; i++) round(lanes[i] as Wide, laneAt(view, at + 8 * i))
  }
  const [first, second, third, fourth] = lanes as [Wide, Wide, Wide, Wide]
  const hash = add(
    add(rotate({ ...first }, 1), rotate({ ...second }, 7)),
    add(rotate({ ...third }, 12), rotate({ ...fourth }, 18)),
  )
  return [lanes.reduce((merged, lane) => merge(merged, lane), hash), at]
}

const hex = (half: number): string => (half >>> 0).toString(16).padStart(8, '0')

/** The 64-bit xxHash with seed 0 as 16 hexadecimal digits, which is the server's default checksum (`xxhash2`). */
export const xxhash64 = (bytes: Uint8Array): string => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let [hash, at] = stripes(view)
  hash = add(hash, wide(Math.floor(bytes.length / 2 ** 32), bytes.length))
  for (; at + 8 <= bytes.length; at += 8) {
    hash = add(multiply(rotate(xor(hash, round(wide(0, 0), laneAt(view, at))), 27), PRIME1), PRIME4)
  }
  if (at + 4 <= bytes.length) {
    const lane = multiply(wide(0, view.getInt32(at, true)), PRIME1)
    hash = add(multiply(rotate(xor(hash, lane), 23), PRIME2), PRIME3)
    at += 4
  }
  for (; at < bytes.length; at++) {
    hash = multiply(rotate(xor(hash, multiply(wide(0, bytes[at] ?? 0), PRIME5)), 11), PRIME1)
  }
  xorShift(multiply(xorShift(multiply(xorShift(hash, 33), PRIME2), 29), PRIME3), 32)
  return hex(hash.high) + hex(hash.low)
}
