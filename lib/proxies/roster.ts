import type { Observable } from 'rxjs'
import type { ClusterMap } from '../codec/cluster-map.ts'
import type { Result } from '../error.ts'
import type { Endpoint } from '../request/endpoint.ts'
import type { Sent } from '../request/sent.ts'

/** A proxy of the cluster map. */
export interface MapProxy {
  /** The given endpoint if this proxy is one of them; otherwise its address in the map. */
  readonly endpoint: Endpoint
  /** Its index among the given endpoints; undefined if only the map names it. */
  readonly index: number | undefined
  /** Whether it is a member of the Information Center in the newest map. */
  inIc: boolean
  /** Whether it is under maintenance or being removed in the newest map. */
  leaving: boolean
  /** Whether it has ever answered: addresses in a map may be private to the cluster's network. */
  answered: boolean
  /** When it failed last; undefined after a reply. */
  failedAtMs: number | undefined
  /** When `rotateIc` last skipped this proxy, or it failed after `rotateIc` had chosen it. */
  givenUpAtMs: number | undefined
  /** The request that proves that it belongs to the cluster, while the request is in flight. */
  proof: Observable<boolean> | undefined
}

/** An endpoint to try: a given endpoint with its index, or a proxy of the map. */
export interface Candidate {
  readonly endpoint: Endpoint
  /** Its index among the given endpoints; undefined if only the map names it. */
  readonly index: number | undefined
  /** Present if the map names it. */
  readonly proxy?: MapProxy
}

/** The proxies that requests can go to besides the given endpoints, and which one is next. */
export interface Roster {
  /** The newest cluster map. */
  map: ClusterMap | undefined
  /** The request for the map, while it is in flight. */
  mapRequest: Observable<Result<ClusterMap>> | undefined
  /** The requests in flight for the map that decides whether a redirect may be followed, by limit and endpoint. */
  readonly membershipRequests: Map<string, Observable<Result<Sent>>>
  /** When the map arrived. */
  atMs: number
  /** When the map was last requested. */
  requestedAtMs: number | undefined
  /** The proxies of the map that may receive requests. */
  list: readonly MapProxy[]
  /** The proxy that gets the requests in place of the given endpoints, while it answers. */
  current: MapProxy | undefined
  /** The member of the IC that answered last. */
  ic: MapProxy | undefined
  /**
   * Set by `rotateIc`: the next list comes from an IC member that `rotateIc` has never skipped, or else from the one
   * that it skipped longest ago.
   */
  icRotates: boolean
  /** The indices of the given endpoints that have failed since the last reply of any endpoint. */
  readonly failing: Set<number>
  /**
   * Whether all given endpoints have failed, and the last one timed out: then the next query starts with a proxy of the
   * map.
   */
  startsWithMapProxy: boolean
}

/** The roster of a cluster of which no map is known. */
export const emptyRoster = (): Roster => ({
  map: undefined,
  mapRequest: undefined,
  membershipRequests: new Map(),
  atMs: 0,
  requestedAtMs: undefined,
  list: [],
  current: undefined,
  ic: undefined,
  icRotates: false,
  failing: new Set(),
  startsWithMapProxy: false,
})
