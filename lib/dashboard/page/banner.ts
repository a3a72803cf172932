import { explain, type Health } from '../../index.ts'
import { byId, setAttribute, setText } from './dom.ts'
import type { Feed } from './feed.ts'
import { clock, duration } from './format.ts'

/** Without an answer for so long, what is shown is old. */
const STALE_MS = 5_000
const GONE_MS = 60_000

/** How current the page is. */
export interface BannerView {
  readonly show: (feed: Feed, health: Health | undefined, pausedMs: number | undefined, nowMs: number) => void
}

/**
 * Says how old the page is, and why.
 *
 * @param away called with the time without an answer, once the cluster answers again
 */
export function bannerView(away: (ms: number) => void): BannerView {
  const [banner, updated, pill] = [byId('banner'), byId('updated'), byId('health')]
  let staleMs = 0
  return {
    show: ({ answeredMs, problem }, health, pausedMs, nowMs) => {
      const ageMs = answeredMs === undefined ? 0 : nowMs - answeredMs
      const isStale = ageMs > STALE_MS
      if (!isStale && staleMs > 0) away(staleMs)
      staleMs = isStale ? ageMs : 0
      setText(
        updated,
        pausedMs !== undefined
          ? `paused at ${clock(pausedMs)}`
          : answeredMs === undefined
            ? 'no answer yet'
            : `updated ${duration(ageMs)} ago`,
      )
      const why = problem === undefined ? (health?.reason ?? 'no answer') : explain(problem)
      banner.hidden = !isStale && (answeredMs !== undefined || problem === undefined)
      banner.className = ageMs > GONE_MS ? 'gone' : 'stale'
      if (!banner.hidden)
        setText(
          banner,
          problem?._tag === 'Unauthorized'
            ? 'This session is over. Open the address that the command printed.'
            : answeredMs === undefined
              ? `The cluster has not answered yet: ${why}. Trying again each second.`
              : `Showing ${clock(answeredMs)}, ${duration(ageMs)} old: ${why}. Trying again each second.`,
        )
      setAttribute(document.body, 'data-stale', isStale ? 'yes' : undefined)
      const state = isStale ? 'unreachable' : (health?.state ?? 'connecting')
      setText(pill, state)
      setAttribute(pill, 'title', health?.reason)
      pill.className = `pill ${state}`
    },
  }
}
