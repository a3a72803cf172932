import { defined } from '../../common/defined.ts'
import type { JobInfo, TargetInfo } from './job-info.ts'

/** A job as `--json` writes it: counters are strings, instants are ISO texts, and what is unknown is absent. */
export function jobRecord(
  {
    id,
    kind,
    state,
    bucket,
    objects,
    bytes,
    objectsPerSecond,
    ratio,
    etaMs,
    startTime,
    endTime,
    error,
    targets,
  }: JobInfo,
  hasTargets = false,
): Readonly<Record<string, unknown>> {
  return {
    id,
    kind,
    state,
    ...defined({
      bucket,
      objects,
      bytes,
      objectsPerSecond,
      ratio,
      etaMs,
      startTime: iso(startTime),
      endTime: iso(endTime),
      error,
      targets: hasTargets ? targets?.map(targetRecord) : undefined,
    }),
  }
}

const targetRecord = ({ startTime, endTime, ...target }: TargetInfo): object => ({
  ...target,
  ...defined({ startTime: iso(startTime), endTime: iso(endTime) }),
})

/** An instant as a text, to the millisecond. */
export const iso = (instant: bigint | undefined): string | undefined =>
  instant === undefined ? undefined : new Date(Number(instant / 1_000_000n)).toISOString()
