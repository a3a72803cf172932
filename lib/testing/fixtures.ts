import type { HttpResponse } from '../transport/transport.ts'

/** Name of a recorded reply. */
export type Fixture =
  /** Status of a running job, from the Information Center. */
  | 'statusRunning'
  /** Status of the same job after its end. `end_time` is beyond 2^53. */
  | 'statusFinished'
  /** Status of a job that a user aborted. */
  | 'statusAborted'
  /** 404 for a job that the Information Center does not know. A real cluster replies after two seconds. */
  | 'statusNotFound'
  /** Empty reply to `status_all`. A proxy outside of the IC sends it for every query (protocol T8). */
  | 'statusesNone'
  /** Snapshots of a running job on three targets. */
  | 'snapshotsRunning'
  /** Snapshots of an LRU that has ended on three targets. */
  | 'snapshotsFinished'
  /** Snapshots of a job of an idle kind without work. */
  | 'snapshotsIdle'
  /** 404, because no target knows the id. */
  | 'snapshotsNotFound'
  /** 400 for a whole query, because one target is down (protocol T27). */
  | 'targetUnreachable'
  /** List of running jobs, as kind and id. */
  | 'running'
  /** Reply to a start: the bare id. */
  | 'started'
  /** 401 for a request without a token. */
  | 'unauthorized'
  /** 503 with an empty body, from a proxy that is starting up. */
  | 'notReady'
  /** Redirect of a proxy outside of the IC to an IC member. */
  | 'elsewhere'
  /** Cluster map with three targets and two proxies. */
  | 'clusterMap'
  /** 409 for the start of a rebalance while one is running. */
  | 'busy'

/**
 * Recorded replies of a real cluster (AIStore 5.0), each in the form in which a transport emits it.
 *
 * Use them in scripts of `scriptedTransport`, or to test a decoder on replies of a real cluster.
 *
 * @example
 * import { scriptedTransport, fixtures } from 'aistore-rx/testing'
 * const transport = scriptedTransport([fixtures.notReady, fixtures.statusFinished])
 */
export const fixtures: Readonly<Record<Fixture, HttpResponse>> = {
  statusRunning: {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: '{"kind":"copy-bck","uuid":"xTUQU4XJ-j","err":"","end_time":0,"aborted":false}',
  },
  statusFinished: {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: '{"kind":"copy-bck","uuid":"xTUQU4XJ-j","err":"","end_time":1795427462320861804,"aborted":false}',
  },
  statusAborted: {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: '{"kind":"copy-bck","uuid":"jc8hnIXJ-h","err":"user abort","end_time":1795428774154592875,"aborted":true}',
  },
  statusNotFound: {
    status: 404,
    headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' },
    body: '{"tcode":"ErrNotFound","message":"p[sFMp8280]: x-[Abcdefghi] does not exist","method":"GET","url_path":"/v1/cluster","remote_addr":"127.0.0.1:45942","caller":"","node":"p[sFMp8280]","status":404}\n',
  },
  statusesNone: {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: 'null',
  },
  snapshotsRunning: {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: '{"Dgct8282":[{"ext":null,"start-time":"2026-11-23T09:50:47.251744572Z","end-time":"0001-01-01T00:00:00Z","bck":{"name":"cap-cpt","provider":"ais","namespace":{"uuid":"","name":""}},"src-bck":{"name":"cap-big","provider":"ais","namespace":{"uuid":"","name":""}},"dst-bck":{"name":"cap-cpt","provider":"ais","namespace":{"uuid":"","name":""}},"id":"xTUQU4XJ-j","kind":"copy-bck","ctlmsg":"cp ais://cap-big=>ais://cap-cpt; t[Dgct8282]: job:[ visited:87 locally-processed:87 sent:71 received:157 copy-err:0 chan-full:0 pruned:0]","abort-err":"","err":"","glob.id":"2","stats":{"loc-objs":"87","loc-bytes":"89088","out-objs":"71","out-bytes":"72704","in-objs":"157","in-bytes":"160768"},"aborted":false,"is_idle":false}]\n,"Foct8283":[{"ext":null,"start-time":"2026-11-23T09:50:47.251488067Z","end-time":"0001-01-01T00:00:00Z","bck":{"name":"cap-cpt","provider":"ais","namespace":{"uuid":"","name":""}},"src-bck":{"name":"cap-big","provider":"ais","namespace":{"uuid":"","name":""}},"dst-bck":{"name":"cap-cpt","provider":"ais","namespace":{"uuid":"","name":""}},"id":"xTUQU4XJ-j","kind":"copy-bck","ctlmsg":"cp ais://cap-big=>ais://cap-cpt; t[Foct8283]: job:[ visited:752 locally-processed:752 sent:500 received:152 copy-err:0 chan-full:0 pruned:0]","abort-err":"","err":"","glob.id":"2","stats":{"loc-objs":"752","loc-bytes":"770048","out-objs":"500","out-bytes":"512000","in-objs":"152","in-bytes":"155648"},"aborted":false,"is_idle":false}]\n,"USAt8284":[{"ext":null,"start-time":"2026-11-23T09:50:47.252318007Z","end-time":"0001-01-01T00:00:00Z","bck":{"name":"cap-cpt","provider":"ais","namespace":{"uuid":"","name":""}},"src-bck":{"name":"cap-big","provider":"ais","namespace":{"uuid":"","name":""}},"dst-bck":{"name":"cap-cpt","provider":"ais","namespace":{"uuid":"","name":""}},"id":"xTUQU4XJ-j","kind":"copy-bck","ctlmsg":"cp ais://cap-big=>ais://cap-cpt; t[USAt8284]: job:[ visited:542 locally-processed:542 sent:365 received:282 copy-err:0 chan-full:0 pruned:0]","abort-err":"","err":"","glob.id":"2","stats":{"loc-objs":"542","loc-bytes":"555008","out-objs":"365","out-bytes":"373760","in-objs":"282","in-bytes":"288768"},"aborted":false,"is_idle":false}]\n}\n',
  },
  snapshotsFinished: {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: '{"Dgct8282":[{"ext":null,"start-time":"2026-11-23T09:44:41.653023043Z","end-time":"2026-11-23T09:44:41.653438056Z","bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"src-bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"dst-bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"id":"zOCwz4iJS","kind":"lru","ctlmsg":"[{<nil> cap-big ais } {<nil> cap-cptest ais }], buckets: ais://cap-big,ais://cap-cptest","abort-err":"","err":"","glob.id":"0","stats":{"loc-objs":"0","loc-bytes":"0","out-objs":"0","out-bytes":"0","in-objs":"0","in-bytes":"0"},"aborted":false,"is_idle":true}]\n,"Foct8283":[{"ext":null,"start-time":"2026-11-23T09:44:41.653477613Z","end-time":"2026-11-23T09:44:41.658564868Z","bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"src-bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"dst-bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"id":"zOCwz4iJS","kind":"lru","ctlmsg":"[{<nil> cap-big ais } {<nil> cap-cptest ais }], buckets: ais://cap-big,ais://cap-cptest","abort-err":"","err":"","glob.id":"0","stats":{"loc-objs":"0","loc-bytes":"0","out-objs":"0","out-bytes":"0","in-objs":"0","in-bytes":"0"},"aborted":false,"is_idle":true}]\n,"USAt8284":[{"ext":null,"start-time":"2026-11-23T09:44:41.654764551Z","end-time":"2026-11-23T09:44:41.65521158Z","bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"src-bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"dst-bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"id":"zOCwz4iJS","kind":"lru","ctlmsg":"[{<nil> cap-big ais } {<nil> cap-cptest ais }], buckets: ais://cap-big,ais://cap-cptest","abort-err":"","err":"","glob.id":"0","stats":{"loc-objs":"0","loc-bytes":"0","out-objs":"0","out-bytes":"0","in-objs":"0","in-bytes":"0"},"aborted":false,"is_idle":true}]\n}\n',
  },
  snapshotsIdle: {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: '{"Dgct8282":[{"ext":null,"start-time":"2026-11-23T09:55:52.820752151Z","end-time":"0001-01-01T00:00:00Z","bck":{"name":"cap-mir","provider":"ais","namespace":{"uuid":"","name":""}},"src-bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"dst-bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"id":"eIrlgecETb","kind":"put-copies","ctlmsg":"copies:2, burst:512","abort-err":"","err":"","glob.id":"0","stats":{"loc-objs":"975","loc-bytes":"998400","out-objs":"0","out-bytes":"0","in-objs":"0","in-bytes":"0"},"aborted":false,"is_idle":true}]\n,"Foct8283":[{"ext":null,"start-time":"2026-11-23T09:55:52.81999787Z","end-time":"0001-01-01T00:00:00Z","bck":{"name":"cap-mir","provider":"ais","namespace":{"uuid":"","name":""}},"src-bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"dst-bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"id":"eIrlgecETb","kind":"put-copies","ctlmsg":"copies:2, burst:512","abort-err":"","err":"","glob.id":"0","stats":{"loc-objs":"1039","loc-bytes":"1063936","out-objs":"0","out-bytes":"0","in-objs":"0","in-bytes":"0"},"aborted":false,"is_idle":true}]\n,"USAt8284":[{"ext":null,"start-time":"2026-11-23T09:55:52.82586799Z","end-time":"0001-01-01T00:00:00Z","bck":{"name":"cap-mir","provider":"ais","namespace":{"uuid":"","name":""}},"src-bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"dst-bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"id":"eIrlgecETb","kind":"put-copies","ctlmsg":"copies:2, burst:512","abort-err":"","err":"","glob.id":"0","stats":{"loc-objs":"986","loc-bytes":"1009664","out-objs":"0","out-bytes":"0","in-objs":"0","in-bytes":"0"},"aborted":false,"is_idle":true}]\n}\n',
  },
  snapshotsNotFound: {
    status: 404,
    headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' },
    body: '{"message":"\\"x-lru[KvLol4iR-c]\\" not found","method":"GET","url_path":"/v1/cluster","remote_addr":"127.0.0.1:45942","caller":"","node":"p[sFMp8280]","status":404}\n',
  },
  targetUnreachable: {
    status: 400,
    headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' },
    body: '{"tcode":"ErrFailedTo","message":"p[kepp8180]: failed to call t[HwYt8182] [control-plane], err: Get \\"http://127.0.0.1:9182/v1/xactions?what=qryxstats\\": dial tcp 127.0.0.1:9182: connect: connection refused","method":"GET","url_path":"/v1/cluster","remote_addr":"127.0.0.1:60460","caller":"","node":"p[kepp8180]","status":400}\n',
  },
  running: {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: '["copy-bck[icGYD4XR-f]","list[tkcpD4XRS]","put-copies[gOitriihBx]"]\n',
  },
  started: {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: 'zOCwz4iJS',
  },
  unauthorized: {
    status: 401,
    headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' },
    body: '{"message":"token required","method":"GET","url_path":"/v1/cluster","remote_addr":"127.0.0.1:57648","caller":"","node":"p[kepp8180]","status":401}\n',
  },
  notReady: {
    status: 503,
    headers: {},
    body: '',
  },
  elsewhere: {
    status: 307,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      location: 'http://127.0.0.1:8381/v1/cluster?what=status&pid=Szep8382&utm=dn2j5sh4me8c',
    },
    body: '<a href="http://127.0.0.1:8381/v1/cluster?what=status&amp;pid=Szep8382&amp;utm=dn2j5sh4me8c">Temporary Redirect</a>.\n\n',
  },
  clusterMap: {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: '{"pmap":{"iZjp8281":{"public_net":{"node_ip_addr":"127.0.0.1","daemon_port":"8281","direct_url":"http://127.0.0.1:8281"},"intra_data_net":{"node_ip_addr":"127.0.0.1","daemon_port":"10281","direct_url":"http://127.0.0.1:10281"},"intra_control_net":{"node_ip_addr":"127.0.0.1","daemon_port":"9281","direct_url":"http://127.0.0.1:9281"},"daemon_type":"proxy","daemon_id":"iZjp8281","flags":2,"id_digest":7265369975813064843},"sFMp8280":{"public_net":{"node_ip_addr":"127.0.0.1","daemon_port":"8280","direct_url":"http://127.0.0.1:8280"},"intra_data_net":{"node_ip_addr":"127.0.0.1","daemon_port":"10280","direct_url":"http://127.0.0.1:10280"},"intra_control_net":{"node_ip_addr":"127.0.0.1","daemon_port":"9280","direct_url":"http://127.0.0.1:9280"},"daemon_type":"proxy","daemon_id":"sFMp8280","flags":2,"id_digest":14756209741662607331,"verifying_key":"KtvDogySCSZYk69M8/0VY6wdQbHzM6hCKV9kKa0BtZo="}},"proxy_si":{"public_net":{"node_ip_addr":"127.0.0.1","daemon_port":"8280","direct_url":"http://127.0.0.1:8280"},"intra_data_net":{"node_ip_addr":"127.0.0.1","daemon_port":"10280","direct_url":"http://127.0.0.1:10280"},"intra_control_net":{"node_ip_addr":"127.0.0.1","daemon_port":"9280","direct_url":"http://127.0.0.1:9280"},"daemon_type":"proxy","daemon_id":"sFMp8280","flags":2,"id_digest":14756209741662607331,"verifying_key":"KtvDogySCSZYk69M8/0VY6wdQbHzM6hCKV9kKa0BtZo="},"tmap":{"Dgct8282":{"public_net":{"node_ip_addr":"127.0.0.1","daemon_port":"8282","direct_url":"http://127.0.0.1:8282"},"intra_data_net":{"node_ip_addr":"127.0.0.1","daemon_port":"10282","direct_url":"http://127.0.0.1:10282"},"intra_control_net":{"node_ip_addr":"127.0.0.1","daemon_port":"9282","direct_url":"http://127.0.0.1:9282"},"daemon_type":"target","daemon_id":"Dgct8282","flags":0,"id_digest":17198221748613384140},"Foct8283":{"public_net":{"node_ip_addr":"127.0.0.1","daemon_port":"8283","direct_url":"http://127.0.0.1:8283"},"intra_data_net":{"node_ip_addr":"127.0.0.1","daemon_port":"10283","direct_url":"http://127.0.0.1:10283"},"intra_control_net":{"node_ip_addr":"127.0.0.1","daemon_port":"9283","direct_url":"http://127.0.0.1:9283"},"daemon_type":"target","daemon_id":"Foct8283","flags":0,"id_digest":10260441893478149517},"USAt8284":{"public_net":{"node_ip_addr":"127.0.0.1","daemon_port":"8284","direct_url":"http://127.0.0.1:8284"},"intra_data_net":{"node_ip_addr":"127.0.0.1","daemon_port":"10284","direct_url":"http://127.0.0.1:10284"},"intra_control_net":{"node_ip_addr":"127.0.0.1","daemon_port":"9284","direct_url":"http://127.0.0.1:9284"},"daemon_type":"target","daemon_id":"USAt8284","flags":0,"id_digest":16557301586271443023}},"uuid":"FPgPW4XJ-e","creation_time":"2026-11-23 09:42:29","version":"8"}\n',
  },
  busy: {
    status: 409,
    headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' },
    body: '{"tcode":"ErrBusy","message":"cluster membership \\"rebalance\\" is currently busy (rebalance[g2] is running), please try again","method":"PUT","url_path":"/v1/cluster","remote_addr":"127.0.0.1:41864","caller":"","node":"p[Acop8080]","status":409}\n',
  },
}
