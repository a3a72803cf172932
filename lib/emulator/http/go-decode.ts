import { GoJsonError, GoReader } from './go-reader.ts'

/** Reads one value, and notes a mistake in the reader. */
export type Decoder<A> = (reader: GoReader) => A

/** A string; null is an empty one. */
export const text: Decoder<string> = (reader) => {
  if (reader.peek() === '"') {
    const value = reader.anything()
    return typeof value === 'string' ? value : ''
  }
  const first = reader.token()
  if (!reader.isNull(first)) reader.fail('ReadString', `expects " or n, but found ${first}`)
  return ''
}

/** True, false, or null as nothing. */
export const flag: Decoder<boolean | undefined> = (reader) => {
  const next = reader.peek()
  const value = next === 't' || next === 'f' ? reader.anything() : undefined
  if (typeof value === 'boolean') return value
  const first = reader.token()
  if (reader.isNull(first)) return undefined
  reader.fail('ReadBool', `expect t or f, but found ${first}`)
  return undefined
}

/** A whole number; null is 0. */
export const whole: Decoder<number> = (reader) => {
  if (/[-0-9]/.test(reader.peek())) return Number(reader.anything())
  const first = reader.token()
  if (reader.isNull(first)) return 0
  reader.fail('readUint64', `unexpected character: ${first}`)
  return 0
}

/** Whatever is there. */
export const anything: Decoder<unknown> = (reader) => reader.anything()

/** A list; null is an empty one. */
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
 * An object with the fields of a Go struct: names compared without regard to case, null the same as absent, an unknown
 * field skipped, or a mistake where the struct is strict.
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
  // Go puts the name of every field it still reads before a mistake, even one it did not make.
  if (reader.error !== undefined) reader.error = `${known}: ${reader.error}`
  else into[known] = value
}

/** Decodes the front of a text; throws the first mistake. An empty text is Go's end of file. */
export const decode = <A>(body: string, decoder: Decoder<A>): A => {
  if (body.trim() === '') throw new GoJsonError('EOF')
  const reader = new GoReader(body)
  const decoded = decoder(reader)
  if (reader.error !== undefined) throw new GoJsonError(reader.error)
  return decoded
}
