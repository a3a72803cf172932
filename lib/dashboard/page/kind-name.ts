import { findKind } from '../../model/kind.ts'

/** The name of a kind for people, as AIStore's command line shows it. */
export const kindName = (kind: string): string => findKind(kind)?.displayName ?? kind
