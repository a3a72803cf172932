import { asyncScheduler } from 'rxjs'
import type { RunHelpers } from 'rxjs/testing'
import { createCluster, type Cluster } from '../cluster.ts'
import type { ClusterOptions } from '../environment.ts'
import { findKind, type KindInfo } from '../model/kind.ts'
import type { HttpRequest, HttpResponse } from '../transport/transport.ts'
import { scriptedAnswer, type ScriptedJob } from './scripted-answer.ts'
import { timelineOf, type Timeline } from './job-script.ts'
import { scriptedTransport, type ScriptedTransport } from './scripted-transport.ts'

/** What one job does: a marble string for all targets, or one for each. */
export type JobScript =
  | string
  | {
      /** Default: `lru`, or `put-copies` where it idles. */
      readonly kind?: string | undefined
      /** States from virtual time 0 on; a job has these or `onStart`. */
      readonly states?: string | Readonly<Record<string, string>> | undefined
      /** States from the moment on in which `start` of this kind is asked; until then nobody knows the job. */
      readonly onStart?: string | Readonly<Record<string, string>> | undefined
    }

/** Settings of {@link scriptedCluster}. */
export interface ScriptedOptions extends Omit<ClusterOptions, 'transport' | 'scheduler'> {
  /** Targets of jobs that name none; default `['t1', 't2']`. */
  readonly targets?: readonly string[] | undefined
}

/** A cluster whose jobs follow a script, and what it was asked. */
export interface ScriptedCluster extends Cluster {
  /** The requests that came, in order. */
  readonly asked: ScriptedTransport['asked']
}

/**
 * A cluster whose jobs go through states that a marble string tells, in virtual time.
 *
 * For specs of code that orchestrates jobs. Replies are wire text, so that the real decoder and the real waits run; each
 * letter of a job is a state from its frame on: `p` not to be seen yet, `r` running, `i` idle, `w` aborted and winding
 * down, `a` aborted, `f` finished, `e` ended with an error, `g` forgotten. A job works off one object in each virtual
 * millisecond at `r`. Any text without a comma or white space may be an id here.
 *
 * @param h the helpers of `TestScheduler.run`, inside of which the cluster must be used
 * @param jobs by id: a marble string, or `{ kind, states }`, or `{ kind, onStart }` for a job that `start` begins
 * @param options as of `createCluster`, and `targets`
 * @returns a cluster; `asked` has the requests that came
 * @throws Error for a letter that is no state, and for a job that has both `states` and `onStart`, or neither
 * @example
 * import { TestScheduler } from 'rxjs/testing'
 * import { wait } from 'aistore-rx'
 * import { scriptedCluster } from 'aistore-rx/testing'
 * testScheduler.run((h) => {
 *   const cluster = scriptedCluster(h, { 'job-1': 'r 10s f' })
 *   wait(cluster, { id: 'job-1' }).subscribe(console.log)
 * })
 */
export function scriptedCluster(
  h: RunHelpers,
  jobs: Readonly<Record<string, JobScript>>,
  { targets = ['t1', 't2'], random = () => 0.5, ...options }: ScriptedOptions = {},
): ScriptedCluster {
  const given: unknown = h
  if (typeof given !== 'object' || given === null || !('flush' in given))
    throw new Error('scriptedCluster takes the helpers that TestScheduler.run gives to its callback')
  const scripted = Object.entries(jobs).map(([id, script]) => jobOf(id, script, targets, options.kinds))
  const named = scripted.flatMap(({ parts, onStart }) => [...(parts ?? onStart ?? new Map<string, Timeline>()).keys()])
  const all = [...new Set([...targets, ...named])]
  const answer = (request: HttpRequest): HttpResponse => scriptedAnswer(scripted, all, request, asyncScheduler.now())
  const transport = scriptedTransport(answer)
  const cluster = createCluster('http://scripted', { ...options, random, transport, ids: ID })
  return { ...cluster, asked: transport.asked }
}

/** What a comma list or a line could not hold is no id even here. */
const ID = /^[^\s,]+$/

type Parts = ReadonlyMap<string, Timeline>

function jobOf(
  id: string,
  script: JobScript,
  targets: readonly string[],
  kinds: readonly KindInfo[] | undefined,
): ScriptedJob {
  if (!ID.test(id))
    throw new Error(`a scripted job has an id without white space and commas; got ${JSON.stringify(id)}`)
  const { states, onStart, kind } = typeof script === 'string' ? { states: script } : script
  if ((states === undefined) === (onStart === undefined))
    throw new Error(
      `a scripted job has either states or onStart; ${JSON.stringify(id)} has ${states === undefined ? 'neither' : 'both'}`,
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
