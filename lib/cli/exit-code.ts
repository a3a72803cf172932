import type { JobError } from '../error.ts'
import type { Stop } from './io.ts'

/** How a command ended. */
export const EXIT = { done: 0, jobFailed: 1, usage: 2, timedOut: 3, unreachable: 4 } as const

const CODES: Readonly<Record<Stop, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, EPIPE: 0, output: 4 }

/** The exit code of a command that was stopped: by a signal, or because nothing can be written to stdout. */
export const exitOfStop = (stop: Stop): number => CODES[stop]

/** The exit code of a Left. */
export function exitOf({ _tag }: JobError): number {
  if (_tag === 'InvalidArgument') return EXIT.usage
  if (_tag === 'WaitTimeout') return EXIT.timedOut
  return _tag === 'JobFailed' ? EXIT.jobFailed : EXIT.unreachable
}

/** What each exit code means, for `--help`. */
export const EXIT_TEXT: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'the job failed, was aborted or was lost',
  2: 'invalid command line',
  3: 'timed out; the job goes on',
  4: 'the cluster is unreachable, refuses, or does not know the job; or stdout cannot be written',
  129: 'interrupted (SIGHUP)',
  130: 'interrupted (SIGINT)',
  143: 'interrupted (SIGTERM)',
}
