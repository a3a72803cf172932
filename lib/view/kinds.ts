import { isLeft } from '../common/either.ts'
import type { Snapshots } from '../codec/snapshots.ts'
import { attemptOf, type Attempt, type Evidence, type Fact } from './evidence.ts'
import { emptyRun, type KindView, type RunView, type View } from './view.ts'

type OfSnapshots = Extract<Evidence, { readonly query: { readonly what: 'snapshots' } }>

/** Creates a run if its kind is followed. */
export function firstOfKind({ kinds }: View, id: string, kind: string | undefined): RunView | undefined {
  return kind !== undefined && kinds.has(kind) ? emptyRun(id) : undefined
}

/**
 * Records how many runs of a kind a reply showed. A failed request does not change the number, but a number that is not
 * known yet becomes 0.
 */
export function withSize({ sizes }: View, kind: string | undefined, size?: number): View['sizes'] {
  if (kind === undefined) return sizes
  const before = sizes.get(kind)
  const next = size ?? before ?? 0
  return next === before ? sizes : new Map([...sizes, [kind, next]])
}

const NO_KIND: KindView = {}

/** Reduces a reply into each followed kind that it covers. */
export function withKinds(view: View, evidence: OfSnapshots): View['kinds'] {
  const { query, result, sentMs, atMs } = evidence
  const { kind } = query
  const covered = [...view.kinds.keys()].filter((one) => kind === undefined || kind === one)
  if (covered.length === 0) return view.kinds
  const kinds = new Map(view.kinds)
  for (const one of covered) {
    const before = kinds.get(one) ?? NO_KIND
    const snapshotsTry: Attempt = attemptOf(evidence, before.snapshotsTry)
    const snapshots: Fact<Snapshots> | undefined = isLeft(result)
      ? before.snapshots
      : { value: result.right, sentMs, atMs }
    kinds.set(one, { ...before, snapshotsTry, snapshots })
  }
  return kinds
}
