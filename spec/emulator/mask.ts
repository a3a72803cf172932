/** Masks what differs between two clusters: node and job ids, addresses, times, counters, random marks. */
export const mask = (text: string): string =>
  text
    .replace(/\b[A-Za-z]{3}[pt]\d{4}\b/g, 'NODE')
    .replace(/127\.0\.0\.1:\d+/g, 'ADDRESS')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/&(amp;)?utm=\w+/g, '&$1utm=MARK')
    .replace(/Smap v\d+/g, 'Smap vN')
    .replace(/(\bx-?[a-z-]*|[a-z]-?[a-z-]*)\[[A-Za-z0-9_,-]{5,400}\]/g, '$1[ID]')
    .replace(/"(id|uuid|xaction_id)":"[^"]*"/g, '"$1":"ID"')
    .replace(/"((?:loc|in|out)-(?:objs|bytes)|glob\.id)":"-?\d+"/g, '"$1":"N"')
    .replace(/"end_time":\d+/g, '"end_time":N')
    .replace(/"(aborted|is_idle)":(true|false)/g, '"$1":BOOL')
    .replace(/"ctlmsg":"[^"]*"/g, (member) =>
      member.includes('<') ? '"ctlmsg":"STAGES"' : member.replace(/\d+/g, 'N'),
    )
    .replace(/"(abort-err|err)":"[^"]*"/g, '"$1":"TEXT"')
    .replace(/"(id_digest|version|creation_time|daemon_port|verifying_key)":("[^"]*"|\d+)/g, '"$1":MASKED')
    .replace(/"(bid|created|size_on_disk|total_disks_size)":"\d+"/g, '"$1":"N"')
    .replace(/nl \[[^\]]*, x-/g, 'nl [MEMBERS, x-')

/** Masks a body, which may consist of one id. */
const maskBody = (text: string): string => (/^(g\d+|[A-Za-z0-9][\w-]{8,31})$/.test(text) ? 'ID' : mask(text))

interface Tasks {
  readonly finished_tasks?: readonly { readonly name: string }[]
  readonly download_errors?: readonly { readonly name: string }[]
}

/** Sorts the tasks of a download by name. The server lists them in the order in which they ended, which is random. */
const inOrder = (body: string): string => {
  const record = JSON.parse(body) as Tasks
  const sorted = (tasks: readonly { readonly name: string }[]) => [...tasks].sort((a, b) => (a.name < b.name ? -1 : 1))
  const { finished_tasks: finished, download_errors: errors } = record
  return JSON.stringify({
    ...record,
    ...(finished ? { finished_tasks: sorted(finished) } : {}),
    ...(errors ? { download_errors: sorted(errors) } : {}),
  })
}

/** The types of all members, without their values; a list has each shape once. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return [...new Set(value.map((item) => JSON.stringify(shapeOf(item))))].sort()
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value
  // A control text is absent if it would be empty, and it differs between jobs.
  const members = Object.entries(value).filter(([key]) => key !== 'ctlmsg')
  const shapes = members.map(([key, member]) => [mask(key), shapeOf(member)] as const)
  // Which target holds which of these members is random.
  return shapes.every(([key]) => key === 'NODE') ? shapes.map((entry) => JSON.stringify(entry)).sort() : shapes
}

/** A masked body. If the jobs in it differ between clusters, it is reduced to the shapes of its members. */
export const comparable = (body: string, jobsDiffer: boolean): string => {
  if (body.includes('"finished_tasks"')) return mask(inOrder(body))
  const masked = maskBody(body)
  if (jobsDiffer && /^[[{]/.test(masked)) return JSON.stringify(shapeOf(JSON.parse(body.replace(/:\d{16,}/g, ':1'))))
  return masked
}
