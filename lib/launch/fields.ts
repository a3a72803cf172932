import type { Either } from 'fp-ts/lib/Either.js'
import type { Bucket } from '../codec/bucket.ts'
import { isLeft, left, right } from '../common/either.ts'
import { hasControl } from '../common/text.ts'
import { checkArgument, invalidArgument, type InvalidArgument } from '../error.ts'
import { checkBucket } from '../model/selection.ts'

/** A valid option, or the reason why it is invalid. */
export type Checked<A> = Either<InvalidArgument, A>

/** Checks one option, and returns what the request carries for it. */
export type Check<A> = (argument: string, given: unknown) => Checked<A>

/**
 * Members of the `value` of an action. A launch sends an action: `{ action: 'copy-bck', name: '...', value: {...} }`,
 * whose `value` holds the options of the job under the server's names.
 */
export type Values = Readonly<Record<string, unknown>>

/** The refusal of an option. */
export const refuse = (argument: string, message: string): Checked<never> => left(invalidArgument(argument, message))

/**
 * Returns `value`, or an error if `value` is undefined.
 *
 * @param given what the caller has set, which the error quotes
 * @param takes what the option takes, such as `true or false`
 */
export function fitting<A>(argument: string, given: unknown, value: A | undefined, takes: string): Checked<A> {
  const invalid = checkArgument(argument, given, value !== undefined, takes)
  return invalid === undefined ? right(value as A) : left(invalid)
}

/** The error of an option with a value that the job does not take. */
export const unfit = (argument: string, given: unknown, takes: string): Checked<never> =>
  fitting<never>(argument, given, undefined, takes)

/** The checked options of a launch: those that build the request, and those that become members of its `value`. */
export interface ReadOptions<N> {
  /** The options that build the request. */
  readonly args: N
  /** The options that become members of `value`, under the server's names. */
  readonly value: Values
}

/**
 * Checks the options of a launch.
 *
 * It refuses options that it does not know: a misspelt `dryRun` would otherwise start the real job. `value` has only
 * what the caller has set, since an older server refuses keys that it does not know.
 *
 * @param args checks of the options from which the request is built. They also run for absent options
 * @param fields checks of the optional members of `value`. They return the members as the server names them
 */
export function readOptions<N extends object>(
  given: unknown,
  args: { readonly [K in keyof N]: Check<N[K]> },
  fields: Readonly<Record<string, Check<Values>>> = {},
): Checked<ReadOptions<N>> {
  const invalid = checkArgument('options', given, isRecord(given), 'an object')
  if (invalid !== undefined) return left(invalid)
  const options = given as Readonly<Record<string, unknown>>
  const names = [...Object.keys(args), ...Object.keys(fields)]
  const unknown = Object.keys(options).find((name) => options[name] !== undefined && !names.includes(name))
  if (unknown !== undefined) return refuse(unknown, `is no option of this job; takes ${names.join(', ')}`)
  const read: Record<string, unknown> = {}
  for (const [name, check] of Object.entries<Check<unknown>>(args)) {
    const checked = check(name, options[name])
    if (isLeft(checked)) return checked
    read[name] = checked.right
  }
  let value: Values = {}
  for (const [name, check] of Object.entries(fields)) {
    if (options[name] === undefined) continue
    const checked = check(name, options[name])
    if (isLeft(checked)) return checked
    value = { ...value, ...checked.right }
  }
  return right({ args: read as N, value })
}

const isRecord = (given: unknown): given is object =>
  typeof given === 'object' && given !== null && !Array.isArray(given)

/** A check whose option is sent as the member `key` of `value`. */
export const sentAs =
  (key: string, check: Check<unknown>): Check<Values> =>
  (argument, given) => {
    const checked = check(argument, given)
    return isLeft(checked) ? checked : right({ [key]: checked.right })
  }

/** A check that also accepts an absent option. */
export const optional =
  <A>(check: Check<A>): Check<A | undefined> =>
  (argument, given) =>
    given === undefined ? right(undefined) : check(argument, given)

/** Accepts true and false. */
export const flag: Check<boolean> = (argument, given) =>
  fitting(argument, given, typeof given === 'boolean' ? given : undefined, 'true or false')

/** A text of up to 4,096 characters that is not empty. */
export const text: Check<string> = (argument, given) =>
  fitting(
    argument,
    given,
    typeof given === 'string' && given !== '' && given.length <= 4_096 && !hasControl(given) ? given : undefined,
    'a text that is not empty, without control characters',
  )

/** A text that matches a pattern. */
export const matching =
  (pattern: RegExp, takes: string): Check<string> =>
  (argument, given) =>
    fitting(argument, given, typeof given === 'string' && pattern.test(given) ? given : undefined, takes)

/** One of several words. */
export const oneOf =
  <const W extends string>(...words: readonly W[]): Check<W> =>
  (argument, given) =>
    fitting(
      argument,
      given,
      words.find((word) => word === given),
      words.map((word) => `"${word}"`).join(' or '),
    )

/** Which objects of a remote bucket. */
export const included: Check<'cached' | 'all'> = (argument, given) =>
  oneOf('cached', 'all')(argument, given === undefined ? 'cached' : given)

/** A list that is not empty, of texts that match a pattern. */
export const listOf =
  (pattern: RegExp, takes: string): Check<readonly string[]> =>
  (argument, given) => {
    const isList = (list: unknown): list is readonly string[] =>
      Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === 'string' && pattern.test(one))
    return fitting(argument, given, isList(given) ? given : undefined, takes)
  }

/** A whole number, both limits included. */
export const whole =
  (from: number, to: number = Number.MAX_SAFE_INTEGER): Check<number> =>
  (argument, given) =>
    fitting(
      argument,
      given,
      Number.isSafeInteger(given) && (given as number) >= from && (given as number) <= to
        ? (given as number)
        : undefined,
      `a whole number from ${from} to ${to}`,
    )

/** Workers on each target. On the wire, -1 means serial, and 0 means one worker for each mountpath. */
export const workers: Check<number> = (argument, given) =>
  given === 'serial' ? right(-1) : whole(0, 1_024)(argument, given)

/** Milliseconds, which the server reads as a Go duration. */
export const duration: Check<string> = (argument, given) => {
  const ms = whole(1)(argument, given)
  return isLeft(ms) ? ms : right(`${ms.right}ms`)
}

/** A record of texts. */
export const texts: Check<Readonly<Record<string, string>>> = (argument, given) => {
  const entries = isRecord(given) ? Object.entries(given) : []
  const fits = entries.length > 0 && entries.every(([key, value]) => key !== '' && typeof value === 'string')
  const copy = fits ? (Object.fromEntries(entries) as Readonly<Record<string, string>>) : undefined
  return fitting(argument, given, copy, 'an object with at least one text')
}

/** Accepts a bucket. */
export const bucket: Check<Bucket> = checkBucket

/** Whether a bucket is in a cloud or in another AIS cluster. */
export const isRemote = ({ provider = '', namespace }: Bucket): boolean =>
  (provider !== '' && provider !== 'ais') || (namespace?.uuid ?? '') !== ''

/** A bucket in a cloud or in another AIS cluster. */
export const remoteBucket: Check<Bucket> = (argument, given) => {
  const checked = checkBucket(argument, given)
  return isLeft(checked) || isRemote(checked.right)
    ? checked
    : refuse(argument, 'got a bucket of this cluster; takes a remote one, such as { name: "data", provider: "aws" }')
}
