/** Advice for statuses that AIStore itself never sends. */
const BY_STATUS: Readonly<Record<number, string>> = {
  407: ' (a proxy on the way wants credentials)',
  431: ' (the headers of the request are too long: is the token too long?)',
  511: ' (this network wants a login first)',
}

interface Reply {
  readonly status?: number
  /** Whether the cluster has never replied, and the address is probably wrong. */
  readonly permanent?: true
}

/** What to do about the reply of an intermediary; empty if nothing is known. */
export const adviceOn = ({ status = 0, permanent }: Reply): string =>
  BY_STATUS[status] ?? (permanent === true ? ' (the cluster itself has never replied: is the address right?)' : '')

/** Why a redirect is refused, by the reason in the error. */
export const WHY_REFUSED = {
  'no-member': ': it is no member of this cluster',
  scheme: ': its scheme is weaker, or not http',
  credentials: ': it holds credentials',
  unreadable: '',
  'too-many': ': it was the fourth redirect in a row',
}
