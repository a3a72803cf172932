import {
  after,
  denied,
  mapOf,
  runningAre,
  showsTexts,
  snap,
  statusIs,
  statusUnknown,
  statusesAre,
  type SnapOptions,
  type StatusOptions,
  type World,
} from './virtual-cluster.ts'

// A cluster with many jobs that says one thing, whichever way it is asked: of one job, of a kind, or of all.

/** One job as time goes by, in virtual milliseconds; what is undefined is not known there then. */
export interface Life {
  readonly kind: string
  /** What the Information Center keeps. */
  readonly status: (ms: number) => Omit<StatusOptions, 'id' | 'kind'> | undefined
  /** What a target shows. */
  readonly part: (target: string, ms: number) => Omit<SnapOptions, 'id' | 'kind'> | undefined
}

/** Ends well at a moment on all targets, and in the Information Center so much later. */
export const endsAt = (
  endMs: number,
  { kind = 'copy-bck', icMs = 0 }: { kind?: string; icMs?: number } = {},
): Life => ({
  kind,
  status: (ms) => (ms < endMs + icMs ? {} : { endMs }),
  part: (_, ms) => (ms < endMs ? {} : { endMs }),
})

export interface JobsOptions {
  readonly targets?: (ms: number) => readonly string[]
  /** How long each answer takes. */
  readonly latencyMs?: number
}

/** The answers of a cluster with these jobs, by id. */
export function jobsWorld(
  jobs: Readonly<Record<string, Life>>,
  { targets = () => ['t1', 't2', 't3'], latencyMs = 0 }: JobsOptions = {},
): Required<Pick<World, 'status' | 'statuses' | 'snapshots' | 'running' | 'map'>> {
  const all = Object.entries(jobs).map(([id, life]) => ({ id, ...life }))
  const byId = new Map(all.map((job) => [job.id, job]))
  const slow = <A extends Parameters<typeof after>[1]>(reply: A): ReturnType<typeof after> | A =>
    latencyMs === 0 ? reply : after(latencyMs, reply)
  // Written once each: of a thousand jobs, most are what they were.
  const texts = new Map<string, string>()
  const written = (options: SnapOptions): string => {
    const key = JSON.stringify(options)
    const known = texts.get(key) ?? JSON.stringify(snap(options))
    texts.set(key, known)
    return known
  }
  const partsOf = (chosen: typeof all, ms: number): readonly (readonly [string, readonly string[]])[] =>
    targets(ms).map((target) => [
      target,
      chosen.flatMap(({ id, kind, part }) => {
        const shown = part(target, ms)
        return shown === undefined ? [] : [written({ id, kind, ...shown })]
      }),
    ])
  return {
    status: (ms, { id = '', kind }) => {
      const job = byId.get(id)
      const status = job === undefined || (kind ?? job.kind) !== job.kind ? undefined : job.status(ms)
      return status === undefined || job === undefined
        ? after(2000, statusUnknown)
        : slow(statusIs({ id, kind: job.kind, ...status }))
    },
    statuses: (ms) =>
      slow(
        statusesAre(
          all.flatMap(({ id, kind, status }) => {
            const said = status(ms)
            return said === undefined ? [] : [{ id, kind, ...said }]
          }),
        ),
      ),
    snapshots: (ms, { id, kind }) => {
      const chosen = (id === undefined ? all : [byId.get(id)].flatMap((job) => job ?? [])).filter(
        (job) => (kind ?? job.kind) === job.kind,
      )
      const parts = partsOf(chosen, ms)
      if (id === undefined) return slow(showsTexts(parts))
      const having = parts.filter(([, snaps]) => snaps.length > 0)
      return slow(having.length === 0 ? denied : showsTexts(having))
    },
    running: (ms) =>
      slow(
        runningAre(
          all.filter(({ part }) =>
            targets(ms).some((target) => {
              const shown = part(target, ms)
              return shown !== undefined && shown.endMs === undefined && shown.aborted !== true
            }),
          ),
        ),
      ),
    map: (ms) => slow(mapOf(targets(ms))),
  }
}
