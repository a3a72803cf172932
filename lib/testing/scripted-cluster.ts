import { asyncScheduler } from 'rxjs'
import type { RunHelpers } from 'rxjs/testing'
import { createCluster, type Cluster } from '../cluster.ts'
import type { ClusterOptions } from '../environment.ts'
import { findKind, type KindInfo } from '../model/kind.ts'
import type { HttpRequest, HttpResponse } from '../transport/transport.ts'
import { scriptedAnswer, type ScriptedJob } from './scripted-answer.ts'
import { timelineOf, type Timeline } from './job-script.ts'
import { scriptedTransport, type ScriptedTransport } from './scripted-transport.ts'

/** The script of one job: a marble string for all targets, or an object. */
export type JobScript =
  | string
  | {
      /** Kind of the job. Defaults to `put-copies` if a string contains `i` (idle), otherwise to `lru`. */
      readonly kind?: string | undefined
      /**
       * States from virtual time 0 on: one marble string, or one per target. A job has either `states` or `onStart`.
       */
      readonly states?: string | Readonly<Record<string, string>> | undefined
      /** States from the time at which `start` requests this kind. Before that, the cluster does not know the job. */
      readonly onStart?: string | Readonly<Record<string, string>> | undefined
    }

/** Settings of {@link scriptedCluster}. */
export interface ScriptedOptions extends Omit<ClusterOptions, 'transport' | 'scheduler'> {
  /** Targets of jobs whose script names none. Defaults to `['t1', 't2']`. */
  readonly targets?: readonly string[] | undefined
}

/** A cluster whose jobs follow a script, with the requests that it received. */
export interface ScriptedCluster extends Cluster {
  /** The received requests, in order. */
  readonly asked: ScriptedTransport['asked']
}

/**
 * Creates a cluster whose jobs go through the states of marble strings, in virtual time.
 *
 * It is for specs of code that orchestrates jobs. Replies are wire text, so that the real decoder and the real waits
 * run. Each letter is a state that begins at its frame: `p` not visible yet, `r` running, `i` idle, `w` aborted and
 * winding down, `a` aborted, `f` finished, `e` ended with an error, `g` forgotten. Each target processes one object per
 * virtual millisecond in state `r`. Any text without commas and white space is a valid id.
 *
 * @param helpers Helpers of `TestScheduler.run`. The cluster must be used inside that run.
 * @param jobs Scripts by job id: a marble string, `{ kind, states }`, or `{ kind, onStart }` for a job to be started.
 * @param options Options of `createCluster`, and `targets`.
 * @returns A cluster. Its `asked` contains the received requests.
 * @throws Error if a letter is not a state, or if a job has both `states` and `onStart`, or neither.
 * @example
 * import { TestScheduler } from 'rxjs/testing'
 * import { wait } from 'aistore-rx'
 * import { scriptedCluster } from 'aistore-rx/testing'
 * testScheduler.run((helpers) => {
 *   const cluster = scriptedCluster(helpers, { 'job-1': 'r 10s f' })
 *   wait(cluster, { id: 'job-1' }).subscribe(console.log)
 * })
 */
export function scriptedCluster(
  helpers: RunHelpers,
  jobs: Readonly<Record<string, JobScript>>,
  { targets = ['t1', 't2'], random = () => 0.5, ...options }: ScriptedOptions = {},
): ScriptedCluster {
  const given: unknown = helpers
  if (typeof given !== 'object' || given === null || !('flush' in given))
    throw new Error('scriptedCluster requires the helpers that TestScheduler.run passes to its callback')
  const scripted = Object.entries(jobs).map(([id, script]) => jobOf(id, script, targets, options.kinds))
  const ofScripts = scripted.flatMap(({ parts, onStart }) => [
    ...(parts ?? onStart ?? new Map<string, Timeline>()).keys(),
  ])
  const allTargets = [...new Set([...targets, ...ofScripts])]
  const answer = (request: HttpRequest): HttpResponse =>
    scriptedAnswer(scripted, allTargets, request, asyncScheduler.now())
  const transport = scriptedTransport(answer)
  const cluster = createCluster('http://scripted', { ...options, random, transport, ids: ID })
  return { ...cluster, asked: transport.asked }
}

/** Ids must not contain commas or white space, because lists of ids use them as separators. */
const ID = /^[^\s,]+$/

type Parts = ReadonlyMap<string, Timeline>

/** Checks the script of a job, and reads its states. */
function jobOf(
  id: string,
  script: JobScript,
  targets: readonly string[],
  kinds: readonly KindInfo[] | undefined,
): ScriptedJob {
  if (!ID.test(id))
    throw new Error(
      `the id of a scripted job must not be empty or contain white space or commas; got ${JSON.stringify(id)}`,
    )
  const { states, onStart, kind } = typeof script === 'string' ? { states: script } : script
  if ((states === undefined) === (onStart === undefined))
    throw new Error(
      `a scripted job must have either states or onStart; ${JSON.stringify(id)} has ${states === undefined ? 'neither' : 'both'}`,
    )
  const parts = partsOf(states ?? onStart ?? '', targets)
  const idles = [...parts.values()].flat().some(({ state }) => state === 'i')
  const named = kind ?? (idles ? 'put-copies' : 'lru')
  const info = findKind(named, kinds)
  return {
    id,
    kind: info?.kind ?? named,
    ic: info?.ic === true,
    bucket: { name: 'scripted', provider: 'ais' },
    parts: states === undefined ? undefined : parts,
    onStart: onStart === undefined ? undefined : parts,
  }
}

const partsOf = (given: string | Readonly<Record<string, string>>, targets: readonly string[]): Parts =>
  new Map(
    typeof given === 'string'
      ? targets.map((target) => [target, timelineOf(given)])
      : Object.entries(given).map(([target, marbles]) => [target, timelineOf(marbles)]),
  )
