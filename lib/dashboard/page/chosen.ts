import type { Address, Column } from './address.ts'
import { kindName } from './kind-name.ts'
import type { Shown } from './shown.ts'
import { STATES, isOpenState } from './states.ts'

/** Whether a job matches the search, the state and the kind of the address. */
export function matches({ search, state, kind }: Address, job: Shown): boolean {
  if (state !== '' && job.state !== state && !(state === 'open' && isOpenState(job.state))) return false
  if (kind !== '' && job.kind !== kind) return false
  const wanted = search.trim().toLowerCase()
  return (
    wanted === '' ||
    [job.id, job.kind, kindName(job.kind), job.state, job.bucket ?? '', job.error ?? ''].some((text) =>
      text.toLowerCase().includes(wanted),
    )
  )
}

type Key = string | number | undefined

const KEYS: Readonly<Record<Column, (job: Shown) => Key>> = {
  state: ({ state }) => STATES.indexOf(state),
  kind: ({ kind }) => kindName(kind),
  id: ({ id }) => id,
  bucket: ({ bucket }) => bucket,
  progress: ({ ratio }) => ratio,
  objects: ({ objects }) => objects,
  bytes: ({ bytes }) => bytes,
  rate: ({ objectsPerSecond }) => objectsPerSecond,
  eta: ({ etaMs }) => etaMs,
  age: ({ startMs }) => (startMs === undefined ? undefined : -startMs),
}

/** Sorts by a column. What is unknown comes last in both orders; equal jobs are sorted by start, then by id. */
export function sorted(jobs: readonly Shown[], { sort, descending }: Address): readonly Shown[] {
  const keyOf = KEYS[sort]
  const sign = descending ? -1 : 1
  return [...jobs].sort((a, b) => {
    const x = keyOf(a)
    const y = keyOf(b)
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined) || byTime(a, b)
    return sign * compare(x, y) || byTime(a, b)
  })
}

function compare(x: Key, y: Key): number {
  if (x === y) return 0
  return (x ?? '') < (y ?? '') ? -1 : 1
}

/** Sorts by the end, or by the start of a job that runs: the newest first. */
const byTime = (a: Shown, b: Shown): number => timeOf(b) - timeOf(a) || compare(a.id, b.id)

const timeOf = ({ endMs, startMs }: Shown): number => endMs ?? startMs ?? 0
