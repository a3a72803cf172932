// MessagePack: a first byte gives the type and, for short values, the length. Codes: https://msgpack.org.

/** The values that listings contain. */
export type Packable = string | number | readonly Packable[] | ReadonlyMap<string, Packable>

/** What is encoded so far: the first `size` bytes. A page has ten thousand short values, so one buffer holds them all. */
interface Packed {
  bytes: Buffer
  size: number
}

/** Makes room for more bytes, and returns where they begin. */
const room = (packed: Packed, count: number): number => {
  const start = packed.size
  packed.size += count
  if (packed.size > packed.bytes.length) {
    const larger = Buffer.alloc(2 * packed.size)
    packed.bytes.copy(larger, 0, 0, start)
    packed.bytes = larger
  }
  return start
}

const byte = (packed: Packed, value: number): void => {
  const at = room(packed, 1)
  packed.bytes[at] = value
}

const header = (packed: Packed, code: number, size: number, bytes: 1 | 2 | 4): void => {
  byte(packed, code)
  const at = room(packed, bytes)
  packed.bytes.writeUIntBE(size, at, bytes)
}

const packText = (packed: Packed, text: string): void => {
  const length = Buffer.byteLength(text)
  if (length < 32) byte(packed, 0xa0 | length)
  else if (length < 0x100) header(packed, 0xd9, length, 1)
  else header(packed, 0xda, length, 2)
  const at = room(packed, length)
  packed.bytes.write(text, at)
}

const packWhole = (packed: Packed, value: number): void => {
  if (value < 128) byte(packed, value)
  else if (value < 0x100) header(packed, 0xcc, value, 1)
  else if (value < 0x1_0000) header(packed, 0xcd, value, 2)
  else if (value < 0x1_0000_0000) header(packed, 0xce, value, 4)
  else {
    byte(packed, 0xcf)
    const at = room(packed, 8)
    packed.bytes.writeBigUInt64BE(BigInt(value), at)
  }
}

const pack = (packed: Packed, value: Packable): void => {
  if (typeof value === 'string') packText(packed, value)
  else if (typeof value === 'number') packWhole(packed, value)
  else if (value instanceof Map) {
    const members = value as ReadonlyMap<string, Packable>
    byte(packed, 0x80 | members.size)
    for (const [key, member] of members) {
      packText(packed, key)
      pack(packed, member)
    }
  } else {
    const items = value as readonly Packable[]
    if (items.length < 16) byte(packed, 0x90 | items.length)
    else if (items.length < 0x1_0000) header(packed, 0xdc, items.length, 2)
    else header(packed, 0xdd, items.length, 4)
    for (const item of items) pack(packed, item)
  }
}

/** Encodes a value as MessagePack. Integers must not be negative, and maps must have fewer than 16 members. */
export const msgpack = (value: Packable): Uint8Array => {
  const packed: Packed = { bytes: Buffer.alloc(1_024), size: 0 }
  pack(packed, value)
  return packed.bytes.subarray(0, packed.size)
}
