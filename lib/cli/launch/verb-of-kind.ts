/** The verbs that launch the jobs of kinds that `start` cannot start. */
const VERBS: Readonly<Record<string, string>> = {
  'copy-bck': 'copy',
  'copy-listrange': 'copy',
  'evict-listrange': 'evict',
  'delete-listrange': 'delete',
  archive: 'archive',
  'make-n-copies': 'mirror',
  'ec-encode': 'erasure-code',
  download: 'download',
}

/** The verb that launches jobs of a kind; undefined if there is none, or if `start` starts them. */
export const verbOfKind = (kind: string): string | undefined => VERBS[kind]
