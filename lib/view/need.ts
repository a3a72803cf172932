import type { Query } from './evidence.ts'

/**
 * Something that an interest needs to learn, and the time from which it is due.
 *
 * `ic`: the status of a run, from a list or from a request for this run; `any`: its status or its snapshots; `status`:
 * its full status; `snapshots`: its snapshots, or those of a kind; `running`: whether the targets list it as running;
 * `map`: the cluster map; `query`: exactly this query; `wake`: no request, but time alone may change the answer.
 */
export type Need =
  | {
      readonly of: 'ic' | 'any' | 'status' | 'snapshots' | 'running' | 'map' | 'wake'
      readonly id?: string
      readonly kind?: string | undefined
      readonly dueMs: number
    }
  | { readonly of: 'query'; readonly query: Query; readonly dueMs: number }

/** How often an interest polls. */
export interface Pace {
  /** When it joined, and when its last tick came. The latter is -Infinity before the first tick. */
  readonly sinceMs?: number
  readonly tickedMs?: number
  /** The wait that its cadence returned last, in milliseconds. */
  readonly waitMs: number
  /**
   * Whether it has no ticks of its own. It then uses the replies to other requests, and sends requests only to settle a
   * doubt.
   */
  readonly unpaced?: boolean
}
