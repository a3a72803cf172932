// MessagePack: a first byte gives the type and, for short values, the length. Codes: https://msgpack.org.

/** The values that listings contain. */
export type Packable = string | number | readonly Packable[] | ReadonlyMap<string, Packable>

const header = (code: number, size: number, bytes: 1 | 2 | 4): Buffer => {
  const head = Buffer.alloc(1 + bytes)
  head.writeUInt8(code, 0)
  head.writeUIntBE(size, 1, bytes)
  return head
}

const packText = (text: string): Buffer => {
  const bytes = Buffer.from(text)
  const { length } = bytes
  return Buffer.concat([textHead(length), bytes])
}

const textHead = (length: number): Buffer => {
  if (length < 32) return Buffer.of(0xa0 | length)
  return length < 0x100 ? header(0xd9, length, 1) : header(0xda, length, 2)
}

const packWhole = (value: number): Buffer => {
  if (value < 128) return Buffer.of(value)
  if (value < 0x100) return header(0xcc, value, 1)
  if (value < 0x1_0000) return header(0xcd, value, 2)
  if (value < 0x1_0000_0000) return header(0xce, value, 4)
  const wide = Buffer.alloc(9)
  wide.writeUInt8(0xcf, 0)
  wide.writeBigUInt64BE(BigInt(value), 1)
  return wide
}

const listHead = (length: number): Buffer => {
  if (length < 16) return Buffer.of(0x90 | length)
  return length < 0x1_0000 ? header(0xdc, length, 2) : header(0xdd, length, 4)
}

const encodeParts = (value: Packable): readonly Buffer[] => {
  if (typeof value === 'string') return [packText(value)]
  if (typeof value === 'number') return [packWhole(value)]
  if (value instanceof Map) {
    const members = [...(value as ReadonlyMap<string, Packable>)]
    return [
      Buffer.of(0x80 | members.length),
      ...members.flatMap(([key, member]) => [packText(key), ...encodeParts(member)]),
    ]
  }
  const items = value as readonly Packable[]
  return [listHead(items.length), ...items.flatMap(encodeParts)]
}

/** Encodes a value as MessagePack. Integers must not be negative, and maps must have fewer than 16 members. */
export const msgpack = (value: Packable): Uint8Array => Buffer.concat(encodeParts(value))
