import type { JobSnap } from './job-snap.ts'

export type TargetId = string

/** What each target says; has no prototype, so that a target may be called anything. */
export type Snapshots = Readonly<Record<TargetId, readonly JobSnap[]>>
