import type { Observable } from 'rxjs'
import type { ClusterMap } from '../codec/cluster-map.ts'
import type { Result } from '../error.ts'
import type { Endpoint } from '../request/endpoint.ts'
import type { Sent } from '../request/sent.ts'

/** A proxy of the cluster map. */
export interface Member {
  /** The address that the user gave, if it is among the given endpoints; else the one in the map. */
  readonly endpoint: Endpoint
  /** Its place among the given endpoints; undefined if only the map names it. */
  readonly index: number | undefined
  /** A member of the Information Center, by the newest map. */
  inIc: boolean
  /** Under maintenance or on its way out, by the newest map. */
  leaving: boolean
  /** Whether it ever answered: addresses in a map may be private to the cluster's network. */
  answered: boolean
  /** When it failed last; undefined after a reply. */
  failedAtMs: number | undefined
  /** When `turnIc` turned away from its list last, or turned to it in vain. */
  givenUpAtMs: number | undefined
  /** The request by which it proves itself, while that is in flight. */
  proof: Observable<boolean> | undefined
}

/** The members that can be asked besides the given endpoints, and which one comes next. */
export interface Roster {
  map: ClusterMap | undefined
  /** The request for the map that is in flight. */
  asking: Observable<Result<ClusterMap>> | undefined
  /** The requests for the map in flight that tell whether a redirect may be followed, by limit and endpoint. */
  readonly vouching: Map<string, Observable<Result<Sent>>>
  /** When the map came. */
  atMs: number
  /** When the map was last requested. */
  askedAtMs: number | undefined
  list: readonly Member[]
  /** The member that is asked in place of the given endpoints while it answers. */
  current: Member | undefined
  /** The member of the IC that answered last. */
  ic: Member | undefined
  /** `turnIc` was called: the next list comes from the IC member that it turned away from longest ago, or never. */
  icTurns: boolean
  /** The given endpoints that have failed since the last reply of any endpoint. */
  readonly failing: Set<number>
  /** All given endpoints have failed, and the last one timed out: the next question starts with a member. */
  turn: boolean
}

export const emptyRoster = (): Roster => ({
  map: undefined,
  asking: undefined,
  vouching: new Map(),
  atMs: 0,
  askedAtMs: undefined,
  list: [],
  current: undefined,
  ic: undefined,
  icTurns: false,
  failing: new Set(),
  turn: false,
})
