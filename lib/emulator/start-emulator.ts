import { randomInt } from 'node:crypto'
import { ASYNC_DISPOSE } from '../common/async-dispose.ts'
import { advance } from './cluster/advance.ts'
import { putObjects } from './cluster/put-objects.ts'
import { bucketName } from './cluster/bucket.ts'
import { createCluster, seedBucket, type Seed } from './cluster/create.ts'
import { createFaults } from './faults/faults.ts'
import { createFetcher } from './download/fetch-links.ts'
import { realClock, type Clock } from './http/clock.ts'
import { openNode, type NodeServer } from './http/node-server.ts'
import { RequestLog } from './http/request-log.ts'
import { serve, type Serving } from './http/serve.ts'
import { requireKind } from './cluster/kind.ts'
import type { Cluster } from './cluster/state.ts'
import type { Emulator, EmulatorOptions } from './emulator.ts'
import { defined } from '../common/defined.ts'

/** Each node listens on a port of its own. */
const MOST_NODES = 1_000

const isCount = (nodes: number): boolean => Number.isInteger(nodes) && nodes <= MOST_NODES

const checked = (name: string, value: number, isValid: boolean): number => {
  if (!isValid) throw new RangeError(`${name}: ${value} is out of range`)
  return value
}

const isRate = (perSecond: number): boolean => perSecond > 0 && perSecond < Infinity
const isWhole = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

const checkObjects = ({ objects = 0, objectSize = 0 }: Seed): void => {
  checked('objects', objects, isWhole(objects))
  checked('objectSize', objectSize, isWhole(objectSize))
}

const pacesOf = (paces: NonNullable<EmulatorOptions['paces']>): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(paces).map(([name, pace]) => [requireKind(name), checked(`paces.${name}`, pace, isRate(pace))]),
  )

const clusterOf = (options: EmulatorOptions): Cluster => {
  const { targets = 3, proxies = 2, objectsPerSecond = 400, fileMs = 200 } = options
  const { promotedFiles = 0, memoryBytes = 0, seed = randomInt(2 ** 31) } = options
  checked('fileMs', fileMs, fileMs >= 0 && fileMs < Infinity)
  checked('promotedFiles', promotedFiles, isWhole(promotedFiles))
  checked('memoryBytes', memoryBytes, memoryBytes >= 0)
  return createCluster({
    targets: checked('targets', targets, isCount(targets) && targets >= 0),
    proxies: checked('proxies', proxies, isCount(proxies) && proxies >= 1),
    objectsPerSecond: checked('objectsPerSecond', objectsPerSecond, isRate(objectsPerSecond)),
    ...defined({
      paces: options.paces === undefined ? undefined : pacesOf(options.paces),
      promotedFiles: options.promotedFiles,
      fileMs: options.fileMs,
      memoryBytes: options.memoryBytes,
      allowLoopback: options.allowLoopback,
    }),
    seed: checked('seed', seed, Number.isSafeInteger(seed)),
    originNs: BigInt(Date.now()) * 1_000_000n,
  })
}

/** Opens a port for each node and stores its address in the cluster. If one fails to open, closes the others. */
const openAll = async (cluster: Cluster, firstPort: number, serving: Serving): Promise<Map<string, NodeServer>> => {
  const servers = new Map<string, NodeServer>()
  try {
    for (const [i, node] of [...cluster.proxies, ...cluster.targets].entries()) {
      const server = await openNode(i === 0 ? firstPort : 0, (request, response) =>
        serving.handle({ ...request, node: node.id }, response),
      )
      servers.set(node.id, server)
      node.url = `http://127.0.0.1:${server.port}`
    }
  } catch (error) {
    await closeAll(servers)
    throw error
  }
  return servers
}

const closeAll = async (servers: ReadonlyMap<string, NodeServer>): Promise<void> => {
  await Promise.all([...servers.values()].map((server) => server.refuse()))
}

/**
 * Starts an AIStore cluster inside this process. It serves the job API over real HTTP on 127.0.0.1.
 *
 * Jobs start, run, idle, end, abort and are forgotten as on a real cluster, and replies have the same text. `faults`
 * injects the failures of a real cluster. Objects are kept in memory.
 *
 * @param options - Number of targets and proxies, first port, `speed`, `seed`, `token` and more; see `EmulatorOptions`.
 * @param clock - Clock of the cluster, for tests. Defaults to the real clock times `speed`.
 * @returns The running cluster. Close it or declare it with `await using`: its open ports keep the process alive.
 * @throws RangeError if a number is out of range; the error of the system if the port is in use.
 * @see docs/protocol.md#2-requests
 * @see docs/protocol.md#3-data-types
 * @see docs/protocol.md#10-what-an-emulator-must-do
 *
 * @example
 * ```ts
 * import { startEmulator } from 'aistore-rx/emulator'
 *
 * const emulator = await startEmulator({ speed: 10 })
 * emulator.seedBucket('photos', { objects: 3_000, objectSize: 4_096 })
 * console.log((await fetch(`${emulator.endpoint}/v1/health`)).status) // 200
 * await emulator.close()
 * ```
 */
export const startEmulator = async (options: EmulatorOptions = {}, clock?: Clock): Promise<Emulator> =>
  (await startWithCluster(options, clock)).emulator

/**
 * Same as `startEmulator`, but also returns the state of the cluster, for benchmarks that decide when jobs end.
 *
 * @internal
 */
export const startWithCluster = async (
  options: EmulatorOptions = {},
  clock?: Clock,
): Promise<{ readonly emulator: Emulator; readonly cluster: Cluster }> => {
  const { speed = 1 } = options
  const time = clock ?? realClock(checked('speed', speed, speed > 0 && speed < Infinity))
  const cluster = clusterOf(options)
  const requests = new RequestLog()
  const servers = new Map<string, NodeServer>()
  const faults = createFaults({ cluster, clock: time, servers })
  const fetcher = createFetcher(cluster, time)
  const tokens = options.tokens ?? options.token
  const serving = serve({ cluster, clock: time, tokens, requests, take: faults.take, answered: fetcher.begin })
  for (const [id, server] of await openAll(cluster, options.port ?? 0, serving)) servers.set(id, server)
  const endpoints = cluster.proxies.map((proxy) => proxy.url)
  const close = (): Promise<void> => {
    serving.close()
    fetcher.close()
    return closeAll(servers)
  }
  const emulator: Emulator = {
    endpoint: endpoints[0] ?? '',
    endpoints,
    targetIds: cluster.targets.map((target) => target.id),
    faults,
    requests,
    now: () => time.now(),
    seedBucket: (name, seed) => {
      checkObjects(seed)
      seedBucket(cluster, name, seed, time.now())
    },
    putObjects: (name, { objects, objectSize, provider }) => {
      checkObjects({ objects, objectSize })
      advance(cluster, time.now())
      putObjects(cluster, bucketName(name, provider), objects, objectSize, time.now())
    },
    close,
    [ASYNC_DISPOSE]: close,
  }
  return { emulator, cluster }
}
