import { explain, type Health, type JobError } from '../../index.ts'
import { byId, setAttribute, setText } from './dom.ts'
import type { Feed } from './feed.ts'
import { clock } from '../../common/format.ts'
import { duration } from './format.ts'

/** If there is no answer for this time, the page marks its content as old. */
const STALE_MS = 5_000
/** After this time without an answer, the banner looks more urgent. */
const GONE_MS = 60_000

/** How current the page is. */
export interface BannerView {
  /** Returns whether the content of the page is old. */
  readonly show: (feed: Feed, health: Health | undefined, pausedMs: number | undefined, nowMs: number) => boolean
}

/**
 * Shows how old the content of the page is, and why.
 *
 * @param onReturn called with the time without an answer when the cluster answers again
 */
export function bannerView(onReturn: (ms: number) => void): BannerView {
  const banner = byId('banner')
  const cause = byId('banner-cause')
  const age = byId('banner-age')
  const updated = byId('updated')
  const retryButton = byId('retry')
  const pill = byId('health')
  const reason = byId('health-reason')
  let staleMs = 0
  return {
    show: ({ answeredMs, seenSinceMs, problem, nextMs }, health, pausedMs, nowMs) => {
      const ageMs = answeredMs === undefined ? 0 : nowMs - answeredMs
      // While the page is hidden, it sends no requests, so its content may be old although the cluster replies.
      const waitedMs =
        seenSinceMs === undefined || answeredMs === undefined ? 0 : nowMs - Math.max(answeredMs, seenSinceMs)
      const isStale = waitedMs > STALE_MS
      if (staleMs > 0 && answeredMs !== undefined && ageMs <= STALE_MS) {
        onReturn(staleMs)
        staleMs = 0
      }
      if (isStale) staleMs = waitedMs
      const updatedText = answeredMs === undefined ? 'no answer yet' : `updated ${duration(ageMs)} ago`
      setText(updated, pausedMs === undefined ? updatedText : `paused at ${clock(pausedMs)}`)
      const isSessionOver = problem?._tag === 'Unauthorized'
      banner.hidden = !isSessionOver && !isStale && (answeredMs !== undefined || problem === undefined)
      banner.className = isSessionOver || waitedMs > GONE_MS ? 'gone' : 'stale'
      // Only the cause is announced: an age that is announced each second drowns everything else.
      const why = isSessionOver ? SESSION_OVER : causeOf(answeredMs, problem, health?.reason)
      setText(cause, banner.hidden ? '' : why)
      const old = answeredMs === undefined ? '' : `This is ${duration(ageMs)} old. `
      setText(age, banner.hidden || isSessionOver ? '' : `${old}${nextText(nextMs, nowMs)}`)
      // A button that is hidden loses the focus.
      retryButton.hidden = isSessionOver
      setAttribute(document.body, 'data-stale', isStale ? 'yes' : undefined)
      const state = isStale || isSessionOver ? 'unreachable' : (health?.state ?? 'connecting')
      setText(pill, state)
      pill.className = `pill ${state}`
      setText(reason, state === 'connected' || !banner.hidden ? '' : (health?.reason ?? ''))
      return isStale
    },
  }
}

const SESSION_OVER = 'This session is over. Open the address that the command printed.'

function causeOf(answeredMs: number | undefined, problem: JobError | undefined, reason: string | undefined): string {
  const why = problem === undefined ? (reason ?? 'no answer') : textOf(problem)
  const showing = answeredMs === undefined ? 'No answer yet' : `Showing ${clock(answeredMs)}`
  return `${showing}: ${why}.`
}

function nextText(nextMs: number | undefined, nowMs: number): string {
  const leftMs = nextMs === undefined ? 0 : nextMs - nowMs
  return leftMs > 0 ? `Trying again in ${duration(Math.ceil(leftMs / 1000) * 1000)}.` : 'Trying again ...'
}

/** Describes an error in plain words, without codes. */
function textOf(problem: JobError): string {
  switch (problem._tag) {
    case 'HttpError':
      // The relay sends this text. Only the person who runs the command can solve the problem.
      return problem.message.includes('refused the token')
        ? `${problem.message}; restart the command with another AIS_AUTHN_TOKEN`
        : problem.message
    case 'TransportError':
      return 'the dashboard does not answer; the command may have ended'
    default:
      return explain(problem)
  }
}
