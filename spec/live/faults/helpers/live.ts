import { firstValueFrom, type Observable } from 'rxjs'
import { startEmulator, type Emulator, type EmulatorOptions } from '../../../../lib/emulator/index.ts'
import {
  constant,
  createCluster,
  isLeft,
  start,
  type Cluster,
  type ClusterOptions,
  type JobError,
  type Result,
  type Started,
} from '../../../../lib/index.ts'
import { SocketTime } from '../../../simulation/sockets/socket-time.ts'

/** How much faster than real time emulator and library run in the specs that need minutes. */
export const SPEED = 25

const emulators: Emulator[] = []
const times: SocketTime[] = []

/** Starts an emulator with the bucket `b`. */
export async function emulated(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ seed: 1, ...options })
  emulator.seedBucket('b', { objects: 3_000 })
  emulators.push(emulator)
  return emulator
}

/** Closes all emulators and timers; for `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const time of times.splice(0)) time.close()
  for (const emulator of emulators.splice(0)) await emulator.close()
}

/** A cluster that uses the first proxy only, polls often and gives a request half a second. */
export const impatient = (emulator: Emulator, options: ClusterOptions = {}): Cluster =>
  createCluster(emulator.endpoint, { discover: false, requestTimeoutMs: 500, cadence: constant(100), ...options })

/** A cluster of all proxies, whose time runs as fast as that of an emulator with `speed: SPEED`. */
export function accelerated(emulator: Emulator, options: ClusterOptions = {}): Cluster {
  const scheduler = new SocketTime(SPEED)
  times.push(scheduler)
  return createCluster(emulator.endpoints, { scheduler, cadence: constant(2_000), ...options })
}

/** The only value of a one-shot stream. */
const only = <A>(stream: Observable<Result<A>>): Promise<Result<A>> => firstValueFrom(stream)

/** The Left of a one-shot stream. */
export async function leftOf(stream: Observable<Result<unknown>>): Promise<JobError> {
  const result = await only(stream)
  if (isLeft(result)) return result.left
  throw new Error(`expected a Left, got a Right: ${String(result.right)}`)
}

/** The Right of a one-shot stream. */
export async function rightOf<A>(stream: Observable<Result<A>>): Promise<A> {
  const result = await only(stream)
  if (isLeft(result)) throw new Error(`expected a Right, got a Left: ${JSON.stringify(result.left)}`)
  return result.right
}

/** Starts a job whose status the Information Center has, and returns its id and its kind. */
export const started = (cluster: Cluster, kind: 'lru' | 'load-lom-cache' = 'load-lom-cache'): Promise<Started> =>
  rightOf(start(cluster, kind === 'lru' ? { kind } : { kind, bucket: { name: 'b' } }))
