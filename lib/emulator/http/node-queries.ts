import { nanoseconds } from '../cluster/instant.ts'
import { MOUNTPATHS } from '../cluster/mountpaths.ts'
import { icMembers } from '../cluster/notice.ts'
import { timeText } from '../cluster/time-text.ts'
import { errorReply, plainError } from './error-reply.ts'
import { writeArchive } from '../store/archive.ts'
import { JSON_TYPE, reply, TEXT_TYPE, type Answer, type Request } from './exchange.ts'
import { defaultProps } from './bucket-props.ts'
import { IC_FLAG, nodeText } from './cluster-map.ts'
import type { Cluster, Proxy, Target } from '../cluster/state.ts'

/** The AIStore version that the emulated nodes report, which is the version of the recordings. */
const VERSION = '5.0'

const DISK_BYTES = 270_553_174_016

/** State flags of a node that has started and joined the cluster. */
const STARTED = 0b110

/** The disks of each target. */
const capacity = {
  mountpaths: Object.fromEntries(
    MOUNTPATHS.map((path) => [
      path,
      {
        used: '1073741824',
        avail: String(DISK_BYTES),
        pct_used: 1,
        disks: ['vda'],
        mountpath_label: '',
        fs: { Fs: '/dev/vda', FsType: 'ext4' },
      },
    ]),
  ),
  total_used: '1073741824',
  total_avail: String(DISK_BYTES),
  pct_max: 1,
  pct_avg: 1,
  pct_min: 1,
  cs_err: '',
}

/** Memory and processors of each node. */
const machine = {
  mem_used: 1_073_741_824,
  mem_avail: 15_032_385_536,
  pct_mem_used: 6.7,
  pct_cpu_used: 3,
  load_avg: { one: 0.1, five: 0.1, fifteen: 0.1 },
  cpu_util: 3,
}

/** The status report of a healthy node, with the fields that AIStore's command line reads. */
const statusText = (cluster: Cluster, node: Proxy | Target, isTarget: boolean, now: number): string => {
  const primary = node.id === cluster.primary
  const isInIc = icMembers(cluster).some(({ id }) => id === node.id)
  const snode = nodeText(node, isTarget ? 'target' : 'proxy', isInIc ? IC_FLAG : 0, primary)
  const status = {
    tracker: { 'up.ns.time': Math.round(now * 1e6) },
    capacity: isTarget ? capacity : {},
    status: 'online',
    deployment: 'dev',
    ais_version: VERSION,
    build_time: timeText(cluster.originNs),
    k8s_pod_name: '',
    cluster: { flags: STARTED },
    sys_info: machine,
    smap_version: String(cluster.version),
  }
  return `{"snode":${snode},${JSON.stringify(status).slice(1)}\n`
}

/** The log of a node, which has one line, or the archive of all its logs. There are no warnings and no errors. */
const logReply = (cluster: Cluster, id: string, query: URLSearchParams, now: number): Answer => {
  const severity = query.get('severity') ?? ''
  const line = `I ${timeText(nanoseconds(cluster, now)).slice(11, 26)} ${id} is up, Smap v${cluster.version}\n`
  const text = severity === '' || severity === 'info' ? line : ''
  if (query.get('all') !== 'true') return reply(text, TEXT_TYPE)
  const bytes = new TextEncoder().encode(text)
  const seconds = Number(nanoseconds(cluster, now) / 1_000_000_000n)
  const archive = writeArchive('.tgz', [{ name: `${id}.INFO.log`, bytes }], seconds)
  return { status: 200, headers: { 'content-type': 'application/gzip' }, body: '', delayMs: 0, bytes: archive }
}

/** Replies to a query that a proxy forwards to a node. */
export const answerReverse = (cluster: Cluster, request: Request, now: number): Answer => {
  const id = request.headers['ais-node-id'] ?? request.headers['node-id'] ?? ''
  const what = new URLSearchParams(request.query).get('what') ?? ''
  const target = cluster.targets.find((known) => known.id === id && known.inMap)
  const node = target ?? cluster.proxies.find((known) => known.id === id && known.inMap)
  if (!node) {
    const message = `node ${id} not present in the cluster map`
    return errorReply({ status: 404, message, tcode: 'errNodeNotFound' }, { request, proxy: request.node })
  }
  if (what === 'node_status' || what === 'node_stats') {
    return reply(statusText(cluster, node, target !== undefined, now), JSON_TYPE)
  }
  if (what === 'log') return logReply(cluster, node.id, new URLSearchParams(request.query), now)
  return plainError(400, `the emulator does not serve what=${what}`, request, 'p')
}

/** Replies with the few cluster settings that clients read. */
export const answerConfig = (cluster: Cluster): Answer => {
  const { timing } = cluster
  const config = {
    ...defaultProps,
    lru: { ...defaultProps.lru, enabled: true },
    rebalance: { dest_retry_time: '2m', compression: 'never', bundle_multiplier: 2, enabled: true },
    space: { cleanupwm: 65, lowwm: 75, highwm: 90, out_of_space: 95 },
    backend: {},
    timeout: { cplane_operation: '2s', max_keepalive: '5s', max_host_busy: '20s', startup_time: '1m' },
    client: { client_timeout: '10s', client_long_timeout: '5m', list_timeout: '1m' },
    periodic: { stats_time: '10s', notif_time: `${timing.notifyMs / 1_000}s` },
    auth: { enabled: false },
    uuid: cluster.uuid,
    config_version: '1',
    lastupdate_time: timeText(cluster.originNs),
  }
  return reply(`${JSON.stringify(config)}\n`, JSON_TYPE)
}
