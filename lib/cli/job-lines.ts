import { bytes, count, table } from './format.ts'
import type { Rows } from './rows.ts'

/** The table of a cluster's running jobs. */
export function jobLines({ byId, atMs }: Rows, endpoint: string): string[] {
  const title = `${endpoint}  ${new Date(atMs).toISOString().slice(11, 19)}  ${byId.size === 0 ? 'no job is running' : `${byId.size} running`}`
  if (byId.size === 0) return [title]
  const rows = [...byId.values()].map(({ kind, id, state, objects, bytes: size, objectsPerSecond }) => [
    kind,
    id,
    state,
    count(objects),
    bytes(size),
    objectsPerSecond === undefined ? '' : `${count(objectsPerSecond)}/s`,
  ])
  return [title, ...table([['KIND', 'ID', 'STATE', 'OBJECTS', 'BYTES', 'RATE'], ...rows], [3, 4, 5])]
}
