import type { Observable } from 'rxjs'
import type { Cluster } from '../cluster.ts'
import { CLUSTER, COMMON, type Arguments, type Flags } from './arguments.ts'
import type { Ending } from './ending.ts'
import type { Io } from './io.ts'
import type { Printer } from './printer.ts'

/** What `run` of a verb receives. */
export interface Context {
  readonly io: Io
  readonly args: Arguments
  readonly printer: Printer
  /** Creates the cluster that the flags and the environment name. Throws a UsageError if they name none. */
  readonly cluster: () => Cluster
  /** Whether an endpoint of the cluster has replied to any request. */
  readonly hasReplied: () => boolean
  /** How long to wait between two polls, in milliseconds. */
  readonly refreshMs: number
  /** Resolves with the last value of a stream, or with the newest one if the command must end early. */
  readonly last: <A>(source: Observable<A>, fallback: A) => Promise<A>
  /**
   * Sets the text that an interrupted command prints: which job goes on, and the command that waits for the job.
   */
  readonly setInterruptHint: (text: string) => void
}

/** The texts of a verb for `--help`. */
export interface Page {
  readonly name: string
  readonly summary: string
  /** What follows the name in a command line. */
  readonly usage: string
  readonly details?: string
  /** All flags that it takes. */
  readonly flags: Flags
  readonly examples: readonly string[]
  /** The exit codes that the verb can have, besides 2 (invalid command line). */
  readonly codes: readonly number[]
  /** The meanings of exit codes that differ from those of other verbs. */
  readonly meanings?: Readonly<Record<number, string>>
}

/** One verb of the command, such as `show`. */
export interface Verb extends Page {
  /** The flags of this verb only. `flagsOf` adds the common ones. */
  readonly flags: Flags
  /** Whether the verb needs no cluster of the user. Defaults to false. */
  readonly isOffline?: boolean
  /** Texts for flags that users may expect but that the verb does not accept. */
  readonly refusals?: Readonly<Record<string, string>>
  readonly run: (context: Context) => Promise<Ending>
}

/** All flags that a verb takes. */
export const flagsOf = ({ flags, isOffline = false }: Pick<Verb, 'flags' | 'isOffline'>): Flags => ({
  ...flags,
  ...(isOffline ? {} : CLUSTER),
  ...COMMON,
})

export const REFRESH: Flags = {
  refresh: { type: 'string', value: 'DURATION', help: 'time between two polls (2s)' },
}

export const SELECTION: Flags = {
  id: { type: 'string', value: 'ID', help: 'only this job' },
  kind: { type: 'string', value: 'NAME', help: 'only jobs of this kind' },
  bucket: { type: 'string', value: 'BUCKET', help: 'only jobs of this bucket' },
}
