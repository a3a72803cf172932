import { adviceFor } from '#platform/model/advice'
import { ADVICE, type StartableKind } from './advice.ts'
import { KNOWN, type KindInfo, type KnownKind } from './kind.ts'

/** The kinds that `start()` can start. */
const STARTABLE_KINDS: Readonly<Record<StartableKind, true>> = {
  rebalance: true,
  lru: true,
  'cleanup-store': true,
  resilver: true,
  rechunk: true,
  'blob-download': true,
  'prefetch-listrange': true,
  'load-lom-cache': true,
}

type Known = (typeof KNOWN)[number]
type Advice = (kind: Exclude<KnownKind, StartableKind>) => string

const isStartable = (kind: KnownKind): kind is StartableKind => Object.hasOwn(STARTABLE_KINDS, kind)

const withStart = (info: Known, advice: Advice): KindInfo =>
  isStartable(info.kind) ? { ...info, startable: true } : { ...info, advice: advice(info.kind) }

/** The kinds of AIStore 5.0, with their properties. */
export const KINDS: readonly KindInfo[] = KNOWN.map((info) => withStart(info, (kind) => ADVICE[kind]))

/** One of these kinds, for `start()`; undefined for any other kind. */
export function knownKind(kind: string): KindInfo | undefined {
  const info = KNOWN.find((one) => one.kind === kind)
  return info === undefined ? undefined : withStart(info, adviceFor)
}
