import { readFileSync } from 'node:fs'
import type { Observable } from 'rxjs'
import type { Cluster } from '../../lib/cluster.ts'
import { isLeft } from '../../lib/common/either.ts'
import type { JobError, LaunchError, Result } from '../../lib/error.ts'
import type { Recorded } from './recorded.ts'
import { scriptedExceptMap, clusterOf, only, type Reply } from './scripted.ts'

/** One recorded exchange of a launch with a real cluster. */
export interface LaunchExchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly request_body: string | null
  readonly status: number
  readonly response_headers: Readonly<Record<string, string>>
  readonly response_body: string | null
}

/** The exchanges of a recorded launch. */
export const launchCapture = (name: string): readonly LaunchExchange[] => {
  const file = new URL(`../fixtures/captures/launch/${name}.json`, import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { exchanges: LaunchExchange[] }).exchanges
}

/** The meaning of a request: its query in any spelling, and a body whose members may stand in any order. */
export interface Meaning {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
}

type Members = Readonly<Record<string, unknown>>

/** Whether a value is what the server takes as absent. */
const isEmpty = (value: unknown): boolean =>
  value === null || value === '' || value === false || value === 0 || value === '0' || value === '0s'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }

/** The milliseconds of a Go duration, which has many spellings. */
function durationMs(text: string): number | undefined {
  const [, count, unit] = /^(\d+)(ms|s|m)$/.exec(text) ?? []
  return unit === undefined ? undefined : Number(count) * (UNITS[unit] ?? NaN)
}

/** The value without members that equal the server's defaults. Other clients send such members. */
function withoutDefaults(value: unknown): unknown {
  if (typeof value === 'string') return durationMs(value) ?? value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value as Members)
      .map(([key, member]) => [key, withoutDefaults(member)] as const)
      .filter(([, member]) => !isEmpty(member)),
  )
}

/** A request in a form in which requests of different clients can be compared. */
export const meaningOf = (method: string, path: string, query: string, body: unknown): Meaning => ({
  method,
  path,
  query: Object.fromEntries(
    [...new URLSearchParams(query)]
      // Go reads booleans in any case of their letters.
      .map(([key, value]) => [key, /^(?:true|false)$/i.test(value) ? value.toLowerCase() : value] as const)
      .filter(([, value]) => value !== 'false'),
  ),
  body: withoutDefaults(body),
})

/** The meaning of a recorded request. */
export const recordedMeaning = ({ method, path, query, request_body: body }: LaunchExchange): Meaning =>
  meaningOf(method, path, query, body === null ? undefined : (JSON.parse(body) as unknown))

export interface Sent<A> {
  readonly result: Result<A>
  /** All requests but those for the cluster map. */
  readonly requests: readonly Recorded[]
  /** The meaning of the first of them. */
  readonly meaning: Meaning
}

/** The request of a launch, and its result if the cluster replies with `reply`. */
export function sentBy<A>(launch: (cluster: Cluster) => Observable<Result<A>>, reply: Reply): Sent<A> {
  const transport = scriptedExceptMap(() => reply)
  const result = only(launch(clusterOf(transport)))
  const { requests } = transport
  const [first] = requests
  const meaning = meaningOf(first?.method ?? '', first?.path ?? '', first?.query ?? '', first?.body)
  return { result, requests, meaning }
}

/** The Left of a launch. */
export function launchErrorOf(result: Result<unknown>): LaunchError {
  const error: (JobError & Partial<LaunchError>) | undefined = isLeft(result) ? result.left : undefined
  if (error?.mayHaveStarted === undefined) throw new Error('expected the Left of a launch')
  return { ...error, mayHaveStarted: error.mayHaveStarted }
}
