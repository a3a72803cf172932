// Recordings of real clusters as timelines: what a job showed at each moment.

const ZERO = '0001-01-01T00:00:00Z'

interface Snap {
  readonly aborted: boolean
  readonly is_idle: boolean
  readonly 'end-time': string
}

interface Status {
  readonly end_time: string | number
  readonly aborted: boolean
}

const stateOfSnap = ({ aborted, is_idle: idle, 'end-time': end }: Snap): string => {
  if (end !== ZERO) return aborted ? 'aborted' : 'ended'
  return idle && !aborted ? 'idle' : 'open'
}

const stateOfStatus = ({ end_time: end, aborted }: Status): string => {
  if (Number(end) === 0) return 'open'
  return aborted ? 'aborted' : 'ended'
}

/** All states that occur, each once. */
const joinedStates = (states: readonly string[]): string => [...new Set(states)].sort().join('+')

/**
 * The state of the jobs in a reply, as one word. Undefined while the targets differ: that lasts only for a short time,
 * which the polls of another recording may miss.
 */
export const stateIn = (what: string, status: number | undefined, body: string = ''): string | undefined => {
  if (status === undefined) return 'refused'
  if (status !== 200) return String(status)
  const value: unknown = JSON.parse(body.replace(/:(\d{16,})/g, ':"$1"'))
  if (value === null) return 'null'
  if (what === 'status') return stateOfStatus(value as Status)
  if (what === 'status_all') return joinedStates((value as readonly Status[]).map(stateOfStatus))
  if (what === 'running_all') return (value as readonly string[]).length > 0 ? 'listed' : 'none'
  const states = joinedStates(
    Object.values(value as Record<string, readonly Snap[]>)
      .flat()
      .map(stateOfSnap),
  )
  return states.includes('+') ? undefined : states
}
