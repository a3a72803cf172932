/** A file in an archive. */
export interface Entry {
  readonly name: string
  readonly bytes: Uint8Array
}

const BLOCK = 512
const MAX_NAME = 100
const MAX_PREFIX = 155

const utf8 = new TextEncoder()
const text = new TextDecoder()

const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`

/** The prefix and the name of a header; undefined if the name is too long for both. */
const split = (name: string): readonly [prefix: string, name: string] | undefined => {
  if (utf8.encode(name).length <= MAX_NAME) return ['', name]
  for (let at = name.indexOf('/'); at !== -1; at = name.indexOf('/', at + 1)) {
    const [prefix, rest] = [name.slice(0, at), name.slice(at + 1)]
    if (rest !== '' && utf8.encode(rest).length <= MAX_NAME && utf8.encode(prefix).length <= MAX_PREFIX) {
      return [prefix, rest]
    }
  }
  return undefined
}

/**
 * A header in the format `ustar`. Its checksum is the sum of its bytes, in which the checksum itself counts as spaces.
 */
const header = (prefix: string, name: string, size: number, type: string, seconds: number): Uint8Array => {
  const block = new Uint8Array(BLOCK)
  const put = (at: number, field: string): void => block.set(utf8.encode(field), at)
  put(0, name)
  // Mode, user, group, size, time.
  put(100, octal(0o644, 7) + octal(0, 7) + octal(0, 7) + octal(size, 11) + octal(seconds, 11))
  // Checksum and type.
  put(148, `        ${type}`)
  // Magic and version; later the numbers of the device.
  put(257, 'ustar\x0000')
  put(329, octal(0, 7) + octal(0, 7))
  put(345, prefix)
  put(
    148,
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )} `,
  )
  return block
}

const padded = (bytes: Uint8Array): Uint8Array => {
  const whole = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK)
  whole.set(bytes)
  return whole
}

/** A tar archive of the files, all with this modification time. */
export const writeTar = (entries: readonly Entry[], seconds: number): readonly Uint8Array[] => {
  const blocks: Uint8Array[] = []
  for (const { name, bytes } of entries) {
    const parts = split(name)
    // A name that is too long for a header is written as an extra file before the file itself, as GNU tar does it.
    if (!parts) {
      const long = utf8.encode(`${name}\0`)
      blocks.push(header('', '././@LongLink', long.length, 'L', 0), padded(long))
    }
    // A character has at most four bytes, so this beginning of a long name always fits.
    const [prefix, short] = parts ?? ['', name.slice(0, MAX_NAME / 4)]
    blocks.push(header(prefix, short, bytes.length, '0', seconds), padded(bytes))
  }
  blocks.push(new Uint8Array(2 * BLOCK))
  return blocks
}

const field = (block: Uint8Array, from: number, length: number): string => {
  const bytes = block.subarray(from, from + length)
  const end = bytes.indexOf(0)
  return text.decode(end === -1 ? bytes : bytes.subarray(0, end))
}

/** The name in an extended header, whose lines are `length key=value`. */
const pathIn = (bytes: Uint8Array): string => /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text.decode(bytes))?.[1] ?? ''

/** The regular files in a tar archive. Empty if the bytes are not an archive. */
export const readTar = (archive: Uint8Array): readonly Entry[] => {
  const entries: Entry[] = []
  let long = ''
  for (let at = 0; at + BLOCK <= archive.length;) {
    const block = archive.subarray(at, at + BLOCK)
    const size = Number.parseInt(field(block, 124, 12).trim(), 8)
    if (field(block, 257, 5) !== 'ustar' || Number.isNaN(size)) break
    const bytes = archive.subarray(at + BLOCK, at + BLOCK + size)
    const type = field(block, 156, 1)
    const prefix = field(block, 345, MAX_PREFIX)
    const own = prefix === '' ? field(block, 0, MAX_NAME) : `${prefix}/${field(block, 0, MAX_NAME)}`
    if (type === 'L') long = text.decode(bytes).split('\0', 1)[0] ?? ''
    else if (type === 'x') long = pathIn(bytes)
    else {
      if (type === '0' || type === '') entries.push({ name: long === '' ? own : long, bytes })
      long = ''
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return entries
}
