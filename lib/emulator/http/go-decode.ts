import { GoJsonError, GoReader } from './go-reader.ts'

/** Reads one value. Records an error in the reader if the value is invalid. */
export type Decoder<A> = (reader: GoReader) => A

/** Reads a string; null gives the empty string. */
export const text: Decoder<string> = (reader) => {
  if (reader.peek() === '"') {
    const value = reader.anything()
    return typeof value === 'string' ? value : ''
  }
  const first = reader.token()
  if (!reader.isNull(first)) reader.fail('ReadString', `expects " or n, but found ${first}`)
  return ''
}

/** Reads a boolean; null gives undefined. */
export const flag: Decoder<boolean | undefined> = (reader) => {
  const next = reader.peek()
  const value = next === 't' || next === 'f' ? reader.anything() : undefined
  if (typeof value === 'boolean') return value
  const first = reader.token()
  if (reader.isNull(first)) return undefined
  reader.fail('ReadBool', `expect t or f, but found ${first}`)
  return undefined
}

/** Reads an integer; null gives 0. */
export const integer: Decoder<number> = (reader) => {
  if (/[-0-9]/.test(reader.peek())) return Number(reader.anything())
  const first = reader.token()
  if (reader.isNull(first)) return 0
  reader.fail('readUint64', `unexpected character: ${first}`)
  return 0
}

/** Reads any value. */
export const anything: Decoder<unknown> = (reader) => reader.anything()

/** Reads a list; null gives an empty list. */
export const listOf =
  <A>(type: string, item: Decoder<A>): Decoder<readonly A[]> =>
  (reader) => {
    const first = reader.token()
    if (reader.isNull(first)) return []
    const items: A[] = []
    if (first !== '[') {
      reader.fail('decode slice', `expect [ or n, but found ${first}`)
      reader.error = `[]${type}: ${reader.error ?? ''}`
      return items
    }
    if (reader.peek() === ']') {
      reader.token()
      return items
    }
    do items.push(item(reader))
    while (reader.error === undefined && reader.token() === ',')
    return items
  }

type Fields = Readonly<Record<string, Decoder<unknown>>>
type Decoded<F extends Fields> = { readonly [K in keyof F]?: F[K] extends Decoder<infer A> ? A : never }

/**
 * Reads an object with the fields of a Go struct. Field names ignore case, and null means absent. An unknown field is
 * skipped, or an error if the struct is strict.
 */
export const struct =
  <F extends Fields>(type: string, fields: F, strict = false): Decoder<Decoded<F>> =>
  (reader) => {
    const decoded: Record<string, unknown> = {}
    const first = reader.token()
    if (reader.isNull(first)) return decoded as Decoded<F>
    if (first !== '{') {
      reader.fail('readObjectStart', `expect { or n, but found ${first}`)
      return decoded as Decoded<F>
    }
    const clean = reader.error === undefined
    if (reader.peek() === '}') reader.token()
    else {
      do field(reader, fields, decoded, strict)
      while (reader.token() === ',')
    }
    if (clean && reader.error !== undefined) reader.error = `${type}.${reader.error}`
    return decoded as Decoded<F>
  }

/** Reads one member of an object. */
const field = (reader: GoReader, fields: Fields, into: Record<string, unknown>, strict: boolean): void => {
  const first = reader.peek()
  if (first !== '"') {
    reader.token()
    reader.fail('readFieldHash', `expect ", but found ${first}`)
    return
  }
  const name = String(reader.anything())
  const known = Object.keys(fields).find((key) => key.toLowerCase() === name.toLowerCase())
  if (known === undefined && strict) reader.fail('ReadObject', `found unknown field: ${name}`)
  if (reader.token() !== ':') reader.fail('ReadObject', 'expect : after object field')
  const value = known === undefined ? reader.anything() : fields[known]?.(reader)
  if (known === undefined) return
  // After an error, Go prefixes the name of every field that it still reads, even if the error was in another field.
  if (reader.error !== undefined) reader.error = `${known}: ${reader.error}`
  else into[known] = value
}

/** Decodes the first value of a text. Throws the first error; for an empty text, Go's end-of-file error. */
export const decode = <A>(body: string, decoder: Decoder<A>): A => {
  if (body.trim() === '') throw new GoJsonError('EOF')
  const reader = new GoReader(body)
  const decoded = decoder(reader)
  if (reader.error !== undefined) throw new GoJsonError(reader.error)
  return decoded
}
