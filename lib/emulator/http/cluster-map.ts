import { nanoseconds } from '../cluster/instant.ts'
import { icMembers } from '../cluster/notice.ts'
import { JSON_TYPE, reply, type Answer } from './exchange.ts'
import type { Cluster, Proxy, Target } from '../cluster/state.ts'

const net = (url: string, offset: number): object => {
  const { hostname, port } = new URL(url)
  const shifted = String(Number(port) + offset)
  return { node_ip_addr: hostname, daemon_port: shifted, direct_url: `http://${hostname}:${shifted}` }
}

/** A node of the map. Its digest is an unsigned 64-bit number, so it is put in as text. */
export const nodeText = (node: Proxy | Target, type: 'proxy' | 'target', flags: number, primary: boolean): string => {
  const nets = {
    public_net: net(node.url, 0),
    intra_data_net: net(node.url, 2_000),
    intra_control_net: net(node.url, 1_000),
    daemon_type: type,
    daemon_id: node.id,
    flags,
  }
  const key = primary ? `,"verifying_key":"${Buffer.from(node.id.repeat(4)).toString('base64')}"` : ''
  return `${JSON.stringify(nets).slice(0, -1)},"id_digest":${node.digest}${key}}`
}

const IC_FLAG = 2

/** Answers with the cluster map. */
export const answerMap = (cluster: Cluster): Answer => {
  const members = new Set(icMembers(cluster).map(({ id }) => id))
  const proxyText = (proxy: Proxy): string =>
    nodeText(proxy, 'proxy', members.has(proxy.id) ? IC_FLAG : 0, proxy.id === cluster.primary)
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
    `"tmap":{${entries(cluster.targets, (target: Target) => nodeText(target, 'target', 0, false))}}`,
    `"uuid":"${cluster.uuid}","creation_time":"${created}","version":"${cluster.version}"`,
  ]
  return reply(`{${body.join(',')}}\n`, JSON_TYPE)
}
