// Typical defects of a library like this, one change each: the simulation or a spec of the pure core must notice every
// one. `npm run mutants` applies them one at a time to a copy.

/**
 * @typedef {object} Edit
 * @property {string} file relative to the root
 * @property {string} find occurs exactly once in the file
 * @property {string} replace
 *
 * @typedef {Edit & { name: string, what: string, and?: readonly Edit[], seed?: string }} Mutant `and`: further edits of the
 * same mutant; `seed`: the first seed, if the seeds of the command line have no plan that reaches the mutant
 */

/** Plans of earlier seeds have no downloads: generate-downloads.ts. */
const DOWNLOADS_FROM = '49000000000'

/** @type {readonly Mutant[]} */
export const MUTANTS = [
  {
    name: 'switch-map',
    what: 'interval + switchMap: the clock cancels the request in flight, so that a slow reply never arrives',
    file: 'lib/loop.ts',
    find: '.start(send(query))',
    replace: '.start(send(query).pipe(takeUntil(due$)))',
    and: [{ file: 'lib/loop.ts', find: 'switchMap, take }', replace: 'switchMap, take, takeUntil }' }],
  },
  {
    name: 'fixed-try-limit',
    what: 'the timeout of a request never grows, so that a slower cluster never gets to reply',
    file: 'lib/request/send.ts',
    find: 'limit.ms = Math.max(afterMs, Math.min(LONGEST_LIMIT_MS, afterMs * 2))',
    replace: 'limit.ms = afterMs',
  },
  {
    name: 'resetting-timeout',
    what: 'the budget restarts with each reply, so that a wait for a job that never ends does not end',
    file: 'lib/wait.ts',
    find: '        first: timeoutMs,\n',
    replace: '        each: timeoutMs,\n',
    and: [
      {
        file: 'lib/wait.ts',
        find: 'observe(cluster, env, watched, cadence).pipe(takeWhile<Result<A>>(isOpen, true))',
        replace: 'observe(cluster, env, watched, cadence)',
      },
      {
        file: 'lib/wait.ts',
        find: ': timedOut(env, watched, timeoutMs),\n      }),\n',
        replace:
          ': timedOut(env, watched, timeoutMs),\n      }),\n      takeWhile<Result<A>>(isOpen, true),\n      filter((answer) => !isOpen(answer)),\n',
      },
      { file: 'lib/wait.ts', find: 'import { defer, ', replace: 'import { defer, filter, ' },
    ],
  },
  {
    name: 'exclusive-take-while',
    what: 'takeWhile without its last value: the end of a job is lost',
    file: 'lib/wait.ts',
    find: 'observe(cluster, env, watched, cadence).pipe(takeWhile<Result<A>>(isOpen, true))',
    replace: 'observe(cluster, env, watched, cadence).pipe(takeWhile<Result<A>>(isOpen))',
  },
  {
    name: 'first-target-finished',
    what: 'a job is over as soon as one target is',
    file: 'lib/view/outcome.ts',
    find: 'if (parts.length > 0 && parts.every((part) => isPartOver(c, part)))\n',
    replace: 'if (parts.length > 0 && parts.some((part) => isPartOver(c, part)))\n',
    and: [
      {
        file: 'lib/view/parts.ts',
        find: 'parts.size > 0 && [...parts.values()].every(',
        replace: 'parts.size > 0 && [...parts.values()].some(',
      },
    ],
  },
  {
    name: 'ignore-err',
    what: 'only an abort counts as a failure, as in the Python SDK; an error does not',
    file: 'lib/view/result.ts',
    find: "const unlessAborted: Outcome = error === undefined ? 'finished' : 'failed'",
    replace: "const unlessAborted: Outcome = 'finished'",
  },
  {
    name: 'idle-count-1',
    what: 'one reply is enough for idleness',
    file: 'lib/view/outcome.ts',
    find: 'isSentSince(targetsReply, fromMs))',
    replace: 'targetsReply !== undefined && fromMs < Infinity)',
  },
  {
    name: 'only-running',
    what: 'a wait counts only running jobs, so that an ended job looks like an unknown one',
    file: 'lib/wait.ts',
    find: 'selection: { ids: NO_IDS, kind, bucket, target, onlyRunning: false }',
    replace: 'selection: { ids: NO_IDS, kind, bucket, target, onlyRunning: true }',
  },
  {
    name: '404-final',
    what: 'the first 404 ends a wait, although a young job is not known yet',
    file: 'lib/view/outcome.ts',
    find: 'return isPermanent(error) || thirdLastMs >= sinceMs',
    replace: "return error._tag === 'NotFound' || isPermanent(error) || thirdLastMs >= sinceMs",
  },
  {
    name: '400-final',
    what: 'a 400 ends a wait, although the cluster also replies 400 while a target is down',
    file: 'lib/error.ts',
    find: 'return error.status === 400 ? !isUnreachable(error) : error.status === 405',
    replace: 'return error.status === 400 || error.status === 405',
  },
  {
    name: 'no-last-round',
    what: 'a machine that slept through the end of the budget sends no last poll',
    file: 'lib/wait.ts',
    find: 'env.now() - endsMs > LATE_MS || sleptMsOf(env) - sleptBeforeMs > LATE_MS',
    replace: 'env.now() - endsMs > Infinity || sleptMsOf(env) - sleptBeforeMs > Infinity',
  },
  {
    name: 'no-jitter',
    what: 'clients that start together send their requests together forever',
    file: 'lib/cadence.ts',
    find: 'least + (most - least) * random',
    replace: 'middle',
  },
  {
    name: 'forgotten-unsubscribe',
    what: 'a subscriber that leaves does not abort its request',
    file: 'lib/request/send.ts',
    find: '  teardown.add(transmission)\n',
    replace: '',
  },
  {
    name: 'trust-other-ids',
    what: 'everything in a reply counts as the requested job',
    file: 'lib/view/reduce.ts',
    find: 'shownOf(partsById(result.right).get(id) ?? [])',
    replace: 'shownOf([...partsById(result.right).values()].flat())',
    and: [
      {
        file: 'lib/queries.ts',
        find: '(id ?? status.id) === status.id ? statusOfSelection({ kind, onlyRunning: false }, status)',
        replace: 'status.id !== (id ?? kind) ? right(withKind(kind, status))',
      },
    ],
  },
  {
    name: 'retry-start',
    what: 'a start whose reply was lost is sent again, although the job may be running',
    file: 'lib/request/fail-over.ts',
    find: "error._tag === 'TransportError' && error.nothingSent === true",
    replace: "error._tag !== 'RequestTimeout'",
  },
  {
    name: 'equal-end-times',
    what: 'the parts of a job count as over only if they have ended at the same time',
    file: 'lib/view/outcome.ts',
    find: 'if (parts.length > 0 && parts.every((part) => isPartOver(c, part)))\n',
    replace:
      'if (parts.length > 0 && parts.every(({ snap }) => isTerminal(snap) && snap.endTime === parts[0]?.snap.endTime))\n',
  },
  {
    name: 'two-polls',
    what: 'each subscriber has a loop of its own, although the cluster is the same',
    file: 'lib/observer.ts',
    find: 'if (!observers.has(env.shared)) observers.set(',
    replace: 'observers.set(',
  },
  {
    name: 'stale-replay',
    what: 'a wait that joins uses a reply to a request that was sent before the wait began',
    file: 'lib/view/goal.ts',
    find: 'if (!isSentSince(shown, goal.sinceMs)) return standing\n',
    replace: 'if (shown === undefined) return standing\n',
    and: [
      {
        file: 'lib/view/goal.ts',
        find: 'return { runs, endedBefore, answeredTargets, firstReplyMs: shown.atMs, lastSnapshots }',
        replace: 'return { runs, endedBefore, answeredTargets, firstReplyMs: -Infinity, lastSnapshots }',
      },
      {
        file: 'lib/view/goal.ts',
        find: 'if (!isSentSince(shown, goal.sinceMs) || shown.value === standing.lastSnapshots) return standing',
        replace: 'if (shown === undefined || shown.value === standing.lastSnapshots) return standing',
      },
    ],
  },
  {
    name: 'registered-leaver',
    what: 'a subscriber that has left is still registered',
    file: 'lib/view/member-index.ts',
    find: '  return same === member && index.delete(key)',
    replace: '  return same === member && key === undefined',
  },
  {
    name: 'success-from-row',
    what: 'a list, which has no errors, ends a job',
    file: 'lib/view/certainty.ts',
    find: '{ full }: RunView): boolean {\n  const { kind, target }',
    replace: '{ row, full = row }: RunView): boolean {\n  const { kind, target }',
  },
  {
    name: 'one-target-by-status',
    what: 'a status, which may hold the error of another target, decides a wait for one target',
    file: 'lib/view/certainty.ts',
    find: '|| goal.selection.target !== undefined) return undefined',
    replace: ') return undefined',
  },
  {
    name: 'forgotten-before-it-began',
    what: 'a 404 from before a job began counts as if the Information Center had forgotten the job',
    file: 'lib/view/reduce.ts',
    find: ' && run.parts.size > 0',
    replace: '',
  },
  {
    name: 'null-for-empty-list',
    what: 'the null of a proxy outside the Information Center, or of a member that has restarted, counts as an empty list',
    file: 'lib/request/status-list.ts',
    find: 'queryIcForList(env, call, (list) => list.size === 0, limit)',
    replace: 'queryIcForList(env, call, (list) => list.size < 0, limit)',
    and: [
      {
        file: 'lib/view/ic-report.ts',
        find: 'row !== undefined && !isOver(row.value) && list?.value.has(id) !== true',
        replace: 'row !== undefined && !isOver(row.value) && list === undefined && id !== undefined',
      },
    ],
  },
  {
    name: 'law-1-old-report',
    what: 'a report that was requested before the wait began counts: a young job is not found',
    file: 'lib/view/ic-report.ts',
    find: 'if (!isSentSince(attempt, sinceMs)) return NO_REPORT',
    replace: 'if (attempt === undefined || attempt.sentMs < 0 * sinceMs) return NO_REPORT',
  },
  {
    name: 'law-1-old-denial',
    what: 'a job that no target showed before the wait began counts as gone since then',
    file: 'lib/view/certainty.ts',
    find: 'if (run.absent !== undefined) return Math.max(run.absent.sinceMs, firstReplyMs)',
    replace: 'if (run.absent !== undefined) return run.absent.sinceMs',
  },
  {
    name: 'law-2-other-streams',
    what: 'a run is polled less often while everything is followed',
    file: 'lib/view/needs.ts',
    find: '  const c = caseOf(view, goal, standing, nowMs)\n  const needs: Need[] = []\n',
    replace:
      '  const c = caseOf(view, goal, standing, nowMs)\n  pace = { ...pace, waitMs: view.everything ? pace.waitMs * 2 : pace.waitMs }\n  const needs: Need[] = []\n',
  },
  {
    name: 'law-3-no-poll',
    what: 'a success that the Information Center reports is not confirmed by the targets',
    file: 'lib/view/certainty.ts',
    find: 'if (isSentSince(targetsReply, fromMs)) return true',
    replace: 'return true',
  },
  {
    name: 'law-3-old-poll',
    what: 'a poll that was sent before the end was received confirms it',
    file: 'lib/view/certainty.ts',
    find: 'if (isSentSince(targetsReply, fromMs)) return true',
    replace: 'if (targetsReply !== undefined && targetsReply.atMs >= fromMs) return true',
  },
  {
    name: 'law-3-not-queried',
    what: 'the Information Center is not queried for an error once all parts are over',
    file: 'lib/view/certainty.ts',
    find: 'return hasAllParts(c, run) && hasIcAnsweredOrHadTime(c, run)',
    replace: 'return hasAllParts(c, run)',
  },
  {
    name: 'lost-despite-end',
    what: 'a part that is gone is lost, although the Information Center may show the end',
    file: 'lib/view/loss.ts',
    find: 'isSentSince(run.targetsReply, fromMs) && !mayIcShowEnd(c, run, fromMs)',
    replace: 'isSentSince(run.targetsReply, fromMs) && (mayIcShowEnd(c, run, fromMs) || true)',
  },
  {
    name: 'lost-by-old-report',
    what: 'a report of the Information Center from before a part was gone denies the end',
    file: 'lib/view/loss.ts',
    find: 'return !isDeniedByList && !isSentSince(run.statusReply, fromMs)',
    replace: 'return !isDeniedByList && !isSentSince(run.statusReply, c.goal.sinceMs)',
  },
  {
    name: 'lost-without-query',
    what: 'the Information Center is not queried about a job whose parts are gone',
    file: 'lib/view/doubt-needs.ts',
    find: 'if (fromMs <= c.nowMs && c.nowMs < deadlineMs)',
    replace: 'if (fromMs <= c.nowMs && c.nowMs < deadlineMs && run.absent === undefined)',
  },
  {
    name: 'list-forgets-404',
    what: 'a list that shows the end undoes an end that a 404 of the Information Center had made certain',
    file: 'lib/view/reduce.ts',
    find: 'unknown: showsEnd ? run.unknown : undefined',
    replace: 'unknown: undefined',
  },
  {
    name: 'list-without-missing-parts',
    what: 'a list does not let the waits judge a job again whose part is missing',
    file: 'lib/view/reduce.ts',
    find: 'else if (isPartMissing(run) || (row',
    replace: 'else if ((row',
  },
  {
    name: 'law-4-one-after-the-other',
    what: 'the Information Center is queried only after the targets have replied: a frozen target delays every wait',
    file: 'lib/view/poll-needs.ts',
    find: "const dueMs = report.state === 'none' ? NOW : report.atMs + pace.waitMs",
    replace:
      "const dueMs = run.targetsReply === undefined ? Infinity : report.state === 'none' ? NOW : report.atMs + pace.waitMs",
  },
  {
    name: 'law-5-uncovered-status',
    what: 'a row of the list counts as the full status',
    file: 'lib/view/coalesce.ts',
    find: "  for (const id of statusDue) queries.push({ what: 'status', id })\n",
    replace: "  if (!needsList) for (const id of statusDue) queries.push({ what: 'status', id })\n",
  },
  {
    name: 'law-5-presumed-kind',
    what: 'the snapshots of a kind are requested without end if they lack a run whose kind is only presumed',
    file: 'lib/view/coalesce.ts',
    find: 'known ?? (wasLacked ? undefined : presumed)',
    replace: 'known ?? presumed',
  },
  {
    name: 'law-6-no-bound',
    what: 'unavailable targets delay a fully known end without limit',
    file: 'lib/view/patience.ts',
    find: 'return sinceMs + patienceMs(',
    replace: 'return sinceMs + 10 * patienceMs(',
  },
  {
    name: 'failed-link',
    seed: DOWNLOADS_FROM,
    what: 'a download of which a link failed counts as a success',
    file: 'lib/model/download.ts',
    find: '  if (failed > 0) {',
    replace: '  if (failed > 0 && endTime === undefined) {',
  },
  {
    name: 'forgotten-part',
    seed: DOWNLOADS_FROM,
    what: 'the files that a target has forgotten do not count as missing',
    file: 'lib/view/download.ts',
    find: 'filesOfDownload(status) < mostFiles ||',
    replace: 'filesOfDownload(status) < 0 * mostFiles ||',
  },
  {
    name: 'law-7-early-finish',
    what: 'a row is finished as soon as the known parts are over, before a wait is',
    file: 'lib/view/state.ts',
    find: "return targetState === 'finished' || targetState === 'failed' ? 'running' : targetState",
    replace: 'return targetState',
  },
]
