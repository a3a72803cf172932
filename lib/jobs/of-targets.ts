import { lastOf } from '../codec/instant.ts'
import type { JobSnap } from '../codec/job-snap.ts'
import type { Snapshots } from '../codec/snapshots.ts'
import { isOver, stateOfAll } from '../job-state.ts'
import { same } from '../same.ts'
import { partsById } from '../snapshot.ts'
import { tableOfRows, type JobRow, type JobTable } from './row.ts'

/** The table of a kind that the Information Center does not list: as its targets show it. */
export function jobsOfTargets(last: JobTable, snapshots: Snapshots): JobTable {
  const byId = partsById(snapshots)
  let isSame = byId.size === Object.keys(last).length
  const rows: JobRow[] = []
  for (const [id, parts] of byId) {
    const [row, before] = [
      rowOf(
        id,
        parts.map(([, snap]) => snap),
      ),
      last[id],
    ]
    const unchanged = before !== undefined && same(row, before)
    if (!unchanged) isSame = false
    rows.push(unchanged ? before : row)
  }
  return isSame ? last : tableOfRows(rows)
}

function rowOf(id: string, parts: readonly JobSnap[]): JobRow {
  const state = stateOfAll(parts)
  // The first by the alphabet: targets come in any order, and a job that has not changed must not seem to.
  const [error] = parts
    .flatMap(({ abortErr, err }) => [abortErr, err])
    .filter((text) => text !== '')
    .sort()
  const endTime = isOver(state) ? lastOf(parts.map((part) => part.endTime)) : undefined
  return {
    ...{ id, kind: parts[0]?.kind ?? '', state },
    ...(endTime === undefined ? {} : { endTime }),
    ...(error === undefined ? {} : { error }),
  }
}
