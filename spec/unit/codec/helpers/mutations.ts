import fc from 'fast-check'

/** A text with up to four random mutations: a flipped bit, a removed or swapped part, inserted digits, a lost end. */
export function mutated(texts: readonly string[]): fc.Arbitrary<string> {
  const place = fc.double({ min: 0, max: 1, noNaN: true })
  const mutation = fc.tuple(fc.constantFrom('flip', 'cut', 'splice', 'truncate', 'digits'), place, place, fc.nat(15))
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(mutation, { minLength: 1, maxLength: 4 }))
    .map(([text, mutations]) =>
      mutations.reduce((sofar, [kind, from, to, bit]) => {
        const at = Math.floor(from * sofar.length)
        const until = Math.max(at, Math.floor(to * sofar.length))
        if (kind === 'flip')
          return sofar.slice(0, at) + String.fromCharCode(sofar.charCodeAt(at) ^ (1 << bit)) + sofar.slice(at + 1)
        if (kind === 'cut') return sofar.slice(0, at) + sofar.slice(until)
        if (kind === 'splice') return sofar.slice(0, at) + sofar.slice(until) + sofar.slice(at, until)
        if (kind === 'digits') return sofar.slice(0, at) + '9'.repeat(1 + bit * 3) + sofar.slice(at)
        return sofar.slice(0, at)
      }, text),
    )
}
