import { nanoseconds } from '../cluster/instant.ts'
import { icMembers } from '../cluster/notice.ts'
import { JSON_TYPE, reply, type Answer } from './exchange.ts'
import type { Cluster, Proxy, Target } from '../cluster/state.ts'

const net = (hostname: string, port: number): object => ({
  node_ip_addr: hostname,
  daemon_port: String(port),
  direct_url: `http://${hostname}:${port}`,
})

/** The three networks of a node as JSON without the closing brace. They are derived from its address. */
const netsText = (url: string): string => {
  let text = known.get(url)
  if (text === undefined) {
    const { hostname, port, origin } = new URL(url)
    const nets = {
      public_net: { ...net(hostname, Number(port)), direct_url: origin },
      intra_data_net: net(hostname, Number(port) + 2_000),
      intra_control_net: net(hostname, Number(port) + 1_000),
    }
    if (known.size >= MAX_KNOWN) known.clear()
    text = JSON.stringify(nets).slice(0, -1)
    known.set(url, text)
  }
  return text
}

const known = new Map<string, string>()
const MAX_KNOWN = 1_000

/** A node of the map as JSON. Its digest is an unsigned 64-bit number, which `JSON.stringify` would round. */
export const nodeText = (node: Proxy | Target, type: 'proxy' | 'target', flags: number, primary: boolean): string => {
  const own = `"daemon_type":"${type}","daemon_id":${JSON.stringify(node.id)},"flags":${flags}`
  const key = primary ? `,"verifying_key":"${Buffer.from(node.id.repeat(4)).toString('base64')}"` : ''
  return `${netsText(node.url)},${own},"id_digest":${node.digest}${key}}`
}

/** The flag of a node of the map: it is a member of the Information Center. */
export const IC_FLAG = 2

/** The reply with the cluster map. */
export const answerMap = (cluster: Cluster): Answer => {
  const members = new Set(icMembers(cluster).map(({ id }) => id))
  return mapReply(cluster, ({ id }) => (members.has(id) ? IC_FLAG : 0))
}

/** The reply with the cluster map, in which each node has these flags. */
export const mapReply = (cluster: Cluster, flagsOf: (node: Proxy | Target) => number): Answer => {
  const proxyText = (proxy: Proxy): string => nodeText(proxy, 'proxy', flagsOf(proxy), proxy.id === cluster.primary)
  const entries = (nodes: readonly (Proxy | Target)[], write: (node: never) => string): string =>
    [...nodes]
      .filter((node) => node.inMap)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((node) => `"${node.id}":${write(node as never)}`)
      .join(',')
  const primary = cluster.proxies.find(({ id }) => id === cluster.primary)
  const created = new Date(Number(nanoseconds(cluster, 0) / 1_000_000n)).toISOString().slice(0, 19).replace('T', ' ')
  const body = [
    `"pmap":{${entries(cluster.proxies, proxyText)}}`,
    `"proxy_si":${primary ? proxyText(primary) : 'null'}`,
    `"tmap":{${entries(cluster.targets, (target: Target) => nodeText(target, 'target', flagsOf(target), false))}}`,
    `"uuid":"${cluster.uuid}","creation_time":"${created}","version":"${cluster.version}"`,
  ]
  return reply(`{${body.join(',')}}\n`, JSON_TYPE)
}
