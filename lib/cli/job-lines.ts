import { bytes, count, table } from './format.ts'
import { isOpen, type WatchedJob, type WatchedJobs } from './watched-jobs.ts'

/** The table of a cluster's jobs: first those that are running, then those that have just ended. */
export function jobLines({ byId }: WatchedJobs, endpoint: string, atMs: number): string[] {
  const jobs = [...byId.values()]
  const running = jobs.filter(({ row }) => isOpen(row))
  const state = running.length === 0 ? 'no job is running' : `${running.length} running`
  const title = `${endpoint}  ${new Date(atMs).toISOString().slice(11, 19)}  ${state}`
  if (jobs.length === 0) return [title]
  const over = jobs.filter(({ row }) => !isOpen(row))
  const header = ['KIND', 'ID', 'STATE', 'OBJECTS', 'BYTES', 'RATE', 'ERROR']
  return [title, ...table([header, ...[...running, ...over].map(cells)], [3, 4, 5])]
}

function cells({ row, progress }: WatchedJob): readonly string[] {
  const { kind, id, state, error = '' } = row
  if (progress === undefined) return [kind, id, state, '', '', '', error]
  const { objects, bytes: size, objectsPerSecond } = progress
  const rate = objectsPerSecond === undefined || !isOpen(row) ? '' : `${count(objectsPerSecond)}/s`
  return [kind, id, state, count(objects), bytes(size), rate, error]
}
