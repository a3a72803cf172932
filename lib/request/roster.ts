import type { Observable } from 'rxjs'
import type { ClusterMap } from '../codec/cluster-map.ts'
import type { Endpoint } from './endpoint.ts'

/** A proxy of the cluster map. */
export interface Member {
  /** As the user gave it, if he did. */
  readonly endpoint: Endpoint
  /** Its place among the given endpoints; absent where only the map names it. */
  readonly index: number | undefined
  /** Holds the table of statuses, by the newest map. */
  inIc: boolean
  /** Under maintenance or on its way out, by the newest map. */
  leaving: boolean
  /** Whether it can be reached from here: addresses of a map may be private to the cluster's network. */
  answered: boolean
  /** When it last brought nothing. */
  failedAtMs: number | undefined
  /** Under way for all who want to know whether it answers. */
  proof: Observable<boolean> | undefined
}

/** Who can be asked besides the given endpoints, and who should be asked next. */
export interface Roster {
  map: ClusterMap | undefined
  /** When the map came. */
  atMs: number
  /** When it was last asked for in passing. */
  askedAtMs: number | undefined
  list: readonly Member[]
  /** The member that takes the place of the given endpoints while it is good. */
  current: Member | undefined
  /** The member of the IC that answered last. */
  ic: Member | undefined
  /** The given endpoints that have failed since anybody answered. */
  readonly failing: Set<number>
  /** All of them have failed, the last with a full clock: the next question begins with a member. */
  turn: boolean
}

export const emptyRoster = (): Roster => ({
  ...{ map: undefined, atMs: 0, askedAtMs: undefined, list: [], current: undefined, ic: undefined },
  ...{ failing: new Set(), turn: false },
})
