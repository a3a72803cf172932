import { crc32, inflateRawSync } from 'node:zlib'
import type { Entry } from './tar.ts'

// The order and the offsets of all fields are those of the ZIP format (APPNOTE, section 4.3).

/** The first bytes of the header before a file, of its entry in the directory, and of the end of the archive. */
const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
/** The version of the format that a reader must know: 2.0. */
const VERSION = 20
const DEFLATED = 8
/** The earliest date that a zip archive can express: the first of January 1980. */
const DATE = 0x21

/** The fields of a file that its two headers share, from the version to the length of its name. */
const shared = (name: Buffer, bytes: Uint8Array): Buffer => {
  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(VERSION, 0)
  // The name is in UTF-8.
  fields.writeUInt16LE(0x0800, 2)
  fields.writeUInt16LE(DATE, 8)
  fields.writeUInt32LE(crc32(bytes), 10)
  fields.writeUInt32LE(bytes.length, 14)
  fields.writeUInt32LE(bytes.length, 18)
  fields.writeUInt16LE(name.length, 22)
  return fields
}

/** A number of 32 bits, the lowest byte first. */
const number32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** A zip archive of the files, uncompressed. */
export const writeZip = (entries: readonly Entry[]): readonly Uint8Array[] => {
  const local: Uint8Array[] = []
  const central: Uint8Array[] = []
  let at = 0
  for (const { name, bytes } of entries) {
    const encoded = Buffer.from(name)
    const fields = shared(encoded, bytes)
    const writtenBy = Buffer.from([VERSION, 0])
    const noCommentNorAttributes = Buffer.alloc(10)
    central.push(number32(CENTRAL), writtenBy, fields, noCommentNorAttributes, number32(at), encoded)
    local.push(number32(LOCAL), fields, encoded, bytes)
    at += 4 + fields.length + encoded.length + bytes.length
  }
  const size = central.reduce((sum, { length }) => sum + length, 0)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(size, 8)
  end.writeUInt32LE(at, 12)
  return [...local, ...central, number32(END), end]
}

/** The files in a zip archive, by its central directory. Empty if the bytes are not an archive. */
export const readZip = (archive: Uint8Array): readonly Entry[] => {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength)
  const end = bytes.lastIndexOf(number32(END))
  if (end === -1) return []
  const entries: Entry[] = []
  let at = bytes.readUInt32LE(end + 16)
  for (let count = bytes.readUInt16LE(end + 10); count > 0 && bytes.readUInt32LE(at) === CENTRAL; count--) {
    const nameLength = bytes.readUInt16LE(at + 28)
    const extraLength = bytes.readUInt16LE(at + 30)
    const commentLength = bytes.readUInt16LE(at + 32)
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength)
    const header = bytes.readUInt32LE(at + 42)
    const from = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28)
    const packed = bytes.subarray(from, from + bytes.readUInt32LE(at + 20))
    const isDeflated = bytes.readUInt16LE(at + 10) === DEFLATED
    if (!name.endsWith('/')) entries.push({ name, bytes: isDeflated ? inflateRawSync(packed) : packed })
    at += 46 + nameLength + extraLength + commentLength
  }
  return entries
}
