import type { Recording } from './recording.ts'

// The trace of a simulation: its events as lines of text.

const text = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one))

/** All events in the order in which they began: the same plan must give the same lines. */
export function traceOf({ sessions, exchanges }: Recording): readonly string[] {
  const lines: { readonly atMs: number; readonly line: string }[] = []
  for (const { index, beganMs, overMs, state, received } of sessions) {
    lines.push({ atMs: beganMs, line: `user ${index} subscribes` })
    for (const { atMs, value } of received) lines.push({ atMs, line: `user ${index} receives ${text(value)}` })
    lines.push({ atMs: overMs, line: `user ${index} ${state}` })
  }
  for (const { user, what, host, atMs, endMs, end, fault } of exchanges)
    lines.push({
      atMs,
      line: `user ${user} requests ${what} from ${host}: ${end} at ${endMs}${fault === undefined ? '' : ` (${fault})`}`,
    })
  return lines.sort((a, b) => a.atMs - b.atMs).map(({ atMs, line }) => `${atMs} ${line}`)
}
