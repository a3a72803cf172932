// What a library of this sort gets wrong, one change each: the simulation must notice every one of them, or what it holds
// is worth less than it looks. `npm run mutants` applies them one at a time to a copy.

/**
 * @typedef {object} Edit
 * @property {string} file below the root
 * @property {string} from occurs exactly once in the file
 * @property {string} to
 *
 * @typedef {object} Mutant
 * @property {string} id
 * @property {string} what
 * @property {readonly Edit[]} edits
 */

/** @type {readonly Mutant[]} */
export const MUTANTS = [
  {
    id: 'switch-map',
    what: 'interval + switchMap: a tick cuts the question that is under way, so that slow answers never arrive',
    edits: [
      {
        file: 'lib/operators/poll.ts',
        from: '        take(1),\n      )\n      return merge(',
        to: '      )\n      return merge(',
      },
    ],
  },
  {
    id: 'fixed-try-limit',
    what: 'the limit of one request never grows, so that a cluster that is slower than it is never heard',
    edits: [
      {
        file: 'lib/request/send.ts',
        from: 'limit.ms = Math.max(afterMs, Math.min(LONGEST_LIMIT_MS, afterMs * 2))',
        to: 'limit.ms = afterMs',
      },
    ],
  },
  {
    id: 'resetting-timeout',
    what: 'the budget begins anew with each answer: it bounds a gap, and a job that never ends is waited for without end',
    edits: [
      {
        file: 'lib/wait/wait-one.ts',
        from: 'verdict(merge(heldBy(paces), readings)))',
        to: 'verdict(merge(heldBy(paces), readings.pipe(timeout({ each: timeoutMs, scheduler: longTimers(scheduler), with: () => EMPTY })))))',
      },
      {
        file: 'lib/wait/wait-one.ts',
        from: 'if (timeoutMs === Infinity) return waited',
        to: 'if (timeoutMs >= 0) return concat(waited, of(undefined)).pipe(take(1), map((one) => one ?? expired(waiting.memory, timeoutMs)))',
      },
      { file: 'lib/wait/wait-one.ts', from: '  share,\n', to: '  share,\n  take,\n' },
    ],
  },
  {
    id: 'exclusive-take-while',
    what: 'takeWhile without its last value: the end of a job is swallowed',
    edits: [
      {
        file: 'lib/wait/wait-one.ts',
        from: 'takeWhile(({ outcome }) => outcome === undefined, true)',
        to: 'takeWhile(({ outcome }) => outcome === undefined)',
      },
    ],
  },
  {
    id: 'first-target-finished',
    what: 'a job is over as soon as one target is',
    edits: [
      {
        file: 'lib/verdict/judge.ts',
        from: 'if (parts.length > 0 && parts.every(({ snap }) => isTerminal(snap))) {',
        to: 'if (parts.length > 0 && parts.some(({ snap }) => isTerminal(snap))) {',
      },
    ],
  },
  {
    id: 'ignore-err',
    what: 'only an abort counts as a failure, as in the Python SDK; an error does not',
    edits: [
      {
        file: 'lib/verdict/result.ts',
        from: "const outcome: Outcome = aborted ? 'aborted' : error === undefined ? 'finished' : 'failed'",
        to: "const outcome: Outcome = aborted ? 'aborted' : 'finished'",
      },
    ],
  },
  {
    id: 'idle-count-1',
    what: 'one look at idleness is enough',
    edits: [
      { file: 'lib/verdict/judge.ts', from: 'nowMs - idleSinceMs >= TWO_LOOKS_MS', to: 'nowMs - idleSinceMs >= 0' },
    ],
  },
  {
    id: 'only-running',
    what: 'a wait asks for what runs, so that what has ended looks like what never was',
    edits: [{ file: 'lib/wait.ts', from: 'onlyRunning: false,', to: 'onlyRunning: true,' }],
  },
  {
    id: '404-final',
    what: 'the first 404 ends a wait, although a young job is not known yet',
    edits: [
      {
        file: 'lib/verdict.ts',
        from: 'if (isPermanent(error) || garbled[question] >= GARBLED_READINGS)',
        to: "if (error._tag === 'NotFound' || isPermanent(error) || garbled[question] >= GARBLED_READINGS)",
      },
    ],
  },
  {
    id: '400-final',
    what: 'a 400 ends a wait, although it is also what the cluster says while a target is down',
    edits: [
      {
        file: 'lib/error.ts',
        from: "return error.status === 400 ? error.code !== 'ErrFailedTo' : error.status === 405",
        to: 'return error.status === 400 || error.status === 405',
      },
    ],
  },
  {
    id: 'no-last-look',
    what: 'a machine that slept through the end of the budget does not look again',
    edits: [
      {
        file: 'lib/wait/wait-one.ts',
        from: 'if (now() - timeoutMs <= LATE_MS) return otherwise',
        to: 'if (now() >= 0) return otherwise',
      },
    ],
  },
  {
    id: 'no-jitter',
    what: 'all who begin together ask together for ever',
    edits: [{ file: 'lib/cadence.ts', from: '* (0.8 + 0.4 * random))', to: '* (1 + 0 * random))' }],
  },
  {
    id: 'forgotten-unsubscribe',
    what: 'who leaves does not take back what was asked for him',
    edits: [{ file: 'lib/request/send.ts', from: '    subscriber.add(sent)\n', to: '' }],
  },
  {
    id: 'trust-other-ids',
    what: 'whatever a reply shows is taken for the job that was asked for',
    edits: [
      {
        file: 'lib/selection.ts',
        from: '(selection.ids.length === 0 || selection.ids.includes(snap.id)) &&',
        to: 'snap.id !== undefined &&',
      },
      {
        file: 'lib/verdict/parts.ts',
        from: 'all.filter(({ snap }) => runs.has(snap.id))',
        to: 'all.filter(({ snap }) => runs.size > 0 && snap.id !== undefined)',
      },
      {
        file: 'lib/queries.ts',
        from: '((id ?? result.right.id) === result.right.id && (kind ?? result.right.kind) === result.right.kind)',
        to: 'result.right.id !== undefined',
      },
    ],
  },
  {
    id: 'retry-start',
    what: 'a start whose reply was lost is sent again, although the job may be running',
    edits: [
      {
        file: 'lib/request/ask.ts',
        from: "? request.method === 'GET' || NOTHING_SENT.has(error.code)",
        to: '? NOTHING_SENT.size > 0',
      },
      {
        file: 'lib/request/ask.ts',
        from: ": error._tag === 'HttpError' && request.method === 'GET'",
        to: ": error._tag === 'HttpError'",
      },
    ],
  },
  {
    id: 'equal-end-times',
    what: 'the parts of a job are taken to be over only where they have ended at the same time',
    edits: [
      {
        file: 'lib/verdict/judge.ts',
        from: 'if (parts.length > 0 && parts.every(({ snap }) => isTerminal(snap))) {',
        to: 'if (parts.length > 0 && parts.every(({ snap }) => isTerminal(snap) && snap.endTime === parts[0]?.snap.endTime)) {',
      },
    ],
  },
  {
    id: 'two-polls',
    what: 'each who asks has a poll of his own, although the key is the same',
    edits: [
      {
        file: 'lib/hub.ts',
        from: 'const one = polls.get(key) ?? pollOf(env, polls, key, open, resultOf)',
        to: 'const one = pollOf(env, polls, key, open, resultOf)',
      },
    ],
  },
  {
    id: 'stale-replay',
    what: 'who waits takes a reply to a question that was asked before he came',
    edits: [
      {
        file: 'lib/hub.ts',
        from: 'since === undefined ? concat(newestOf(env, one), one.values) : one.values.pipe(filter(() => one.asked > since)),',
        to: 'since !== 0.5 ? concat(newestOf(env, one), one.values) : one.values.pipe(filter(() => one.asked > since)),',
      },
    ],
  },
  {
    id: 'lost-leaver',
    what: 'who has left is still counted among those who want to know',
    edits: [{ file: 'lib/hub/gathered.ts', from: '        count(wanted, run, -1)\n', to: '' }],
  },
  {
    id: 'success-from-row',
    what: 'the end of a job is told from a list, which knows no errors',
    edits: [
      {
        file: 'lib/wait/crowd.ts',
        from: 'return isOther || isEnd ? statusOnce(waiting, run) : of({ ...reading, result: right(status) })',
        to: 'return isOther && isEnd ? statusOnce(waiting, run) : of({ ...reading, result: right(status) })',
      },
    ],
  },
]
