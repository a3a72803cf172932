import { getOwn } from '../common/get-own.ts'
import type { Emulator } from '../emulator/emulator.ts'
import type { Fault } from '../emulator/faults/fault.ts'
import { findKind } from '../model/kind.ts'
import { readNumber, whole } from './read-number.ts'
import { UsageError } from './usage-error.ts'

/** A fault of the command line: `wire` disturbs single requests, `cluster` disturbs nodes. */
export type FaultOption = { readonly wire: Fault } | { readonly cluster: (emulator: Emulator) => unknown }

/** The value of a fault on the command line, as text or as a number; undefined if there is none. */
class Value {
  readonly name: string
  readonly text: string | undefined

  constructor(name: string, text: string | undefined) {
    this.name = name
    this.text = text
  }

  required(expected: string): string {
    if (this.text === undefined || this.text === '') throw new UsageError(`--fault ${this.name} expected =${expected}`)
    return this.text
  }

  number(from = 0): number | undefined {
    return readNumber(`fault ${this.name}`, this.text, whole(from, Infinity), `a whole number from ${from}`)
  }
}

/** The id of a target by its index, 0 by default. */
const targetIn = ({ targetIds }: Emulator, index = 0): string => {
  const id = targetIds[index]
  if (id === undefined) throw new UsageError(`no such target: ${index}; there are ${targetIds.length}`)
  return id
}

const status = (value: Value): Fault => {
  const [code = '', ...after] = value.required('CODE[,RETRY-AFTER]').split(',')
  const number = Number(code)
  if (!Number.isInteger(number) || number < 200 || number > 599)
    throw new UsageError(`--fault status expected 200 to 599, got ${JSON.stringify(code)}`)
  return { type: 'status', status: number, retryAfter: after.length === 0 ? undefined : after.join(',').trim() }
}

const html = (value: Value): Fault => {
  const code = value.number(200)
  if (code !== undefined && code > 599) throw new UsageError(`--fault html expected 200 to 599, got ${code}`)
  return { type: 'wrong-type', status: code }
}

/** Faults of single requests. */
const WIRE: Readonly<Record<string, (value: Value) => Fault>> = {
  reset: () => ({ type: 'reset' }),
  'reset-headers': () => ({ type: 'reset-headers' }),
  'reset-body': (value) => ({ type: 'reset-body', at: value.number() }),
  'half-close': (value) => ({ type: 'truncate', at: value.number() }),
  stall: () => ({ type: 'stall' }),
  'stall-body': () => ({ type: 'stall-body' }),
  'slow-loris': (value) => ({ type: 'slow-loris', everyMs: value.number(1) }),
  slow: (value) => ({ type: 'slow', delayMs: value.number() ?? 5_000 }),
  garbage: () => ({ type: 'garbage' }),
  'giant-header': (value) => ({ type: 'giant-header', bytes: value.number(1) }),
  html,
  'content-type': (value) => ({ type: 'content-type', value: value.required('TYPE') }),
  'content-encoding': (value) => ({ type: 'content-encoding', value: value.required('ENCODING') }),
  'gzip-bomb': (value) => ({ type: 'gzip-bomb', bytes: value.number(1) }),
  status,
  redirect: (value) => ({ type: 'redirect', location: value.text }),
  body: (value) => ({ type: 'body', body: value.text ?? '' }),
  giant: (value) => ({ type: 'giant', bytes: value.number(2) }),
  deep: (value) => ({ type: 'deep', depth: value.number(1) }),
  'invalid-utf8': () => ({ type: 'invalid-utf8' }),
  bom: () => ({ type: 'bom' }),
  'close-idle': (value) => ({ type: 'close-idle', afterMs: value.number() }),
}

/** Makes the cluster faulty. The value is a number: which proxy or target, how long, how many jobs or requests. */
type OfCluster = (emulator: Emulator, value: number | undefined) => unknown

/** Faults of the cluster whose value is a number. */
const CLUSTER: Readonly<Record<string, OfCluster>> = {
  refuse: ({ faults }, proxy) => faults.refuse(proxy),
  'kill-proxy': ({ faults }, proxy) => faults.killProxy(proxy),
  'move-primary': ({ faults }, proxy) => faults.movePrimary(proxy),
  'late-reports': ({ faults }, ms = 10_000) => faults.delayReports(0, ms),
  'forget-statuses': ({ faults }, proxy) => faults.forgetStatuses(proxy),
  'kill-target': (emulator, target) => emulator.faults.killTarget(targetIn(emulator, target)),
  'freeze-target': (emulator, target) => emulator.faults.freezeTarget(targetIn(emulator, target)),
  'restart-target': (emulator, target) => emulator.faults.restartTarget(targetIn(emulator, target)),
  'lose-notifications': ({ faults }, jobs = Infinity) => faults.loseNotifications(jobs),
  'disagree-on-ids': ({ faults }, requests) => faults.disagreeOnIds(requests),
}

const breakLinks = (value: Value): FaultOption => {
  const text = value.required('REGEXP')
  let links: RegExp
  try {
    links = new RegExp(text)
  } catch {
    throw new UsageError(`--fault break-links expected a regular expression, got ${JSON.stringify(text)}`)
  }
  return { cluster: ({ faults }) => faults.breakLinks(links) }
}

/** `KIND[,TEXT]`: later jobs of the kind fail or are aborted, with this text. */
const failJobs =
  (how: 'failJobs' | 'abortJobs') =>
  (value: Value): FaultOption => {
    const [name = '', ...text] = value.required('KIND[,TEXT]').split(',')
    const kind = findKind(name)?.kind
    if (kind === undefined)
      throw new UsageError(`--fault ${value.name} expected a kind of job, got ${JSON.stringify(name)}`)
    return { cluster: ({ faults }) => faults[how](kind, text.length === 0 ? undefined : text.join(',')) }
  }

/** Faults of the cluster whose value is a text. */
const TEXTS: Readonly<Record<string, (value: Value) => FaultOption>> = {
  'break-links': breakLinks,
  'fail-jobs': failJobs('failJobs'),
  'abort-jobs': failJobs('abortJobs'),
}

/** The names that `--fault` accepts. */
export const FAULT_NAMES: readonly string[] = [WIRE, CLUSTER, TEXTS].flatMap(Object.keys)

/**
 * Reads `NAME[=VALUE]`.
 *
 * @throws UsageError if there is no such fault, or the value does not fit it
 */
export const readFault = (text: string): FaultOption => {
  const [name = '', ...rest] = text.split('=')
  const value = new Value(name, rest.length === 0 ? undefined : rest.join('='))
  const ofWire = getOwn(WIRE, name)
  if (ofWire !== undefined) return { wire: ofWire(value) }
  const ofText = getOwn(TEXTS, name)
  if (ofText !== undefined) return ofText(value)
  const ofCluster = getOwn(CLUSTER, name)
  if (ofCluster === undefined) throw new UsageError(`--fault expected one of ${FAULT_NAMES.join(', ')}, got ${name}`)
  const number = value.number()
  return { cluster: (emulator) => ofCluster(emulator, number) }
}
