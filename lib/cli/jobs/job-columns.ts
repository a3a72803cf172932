import type { JobInfo, TargetInfo } from './job-info.ts'
import { bytes, count, duration } from '../../common/format.ts'
import { escape } from '../text/escape.ts'
import type { Column } from '../text/table.ts'

const COLOURS: Readonly<Record<string, number>> = { finished: 32, failed: 31, aborted: 33, lost: 35, running: 36 }

/** Colours the word of a state. The word alone says all. */
const paintState = (text: string, state: string): string =>
  COLOURS[state] === undefined ? text : `\u001b[${COLOURS[state]}m${text}\u001b[0m`

/** The columns of a table of jobs. In a narrow one, only ID and STATE remain. */
export const jobColumns = (nowMs: number, hasColour: boolean): readonly Column<JobInfo>[] => [
  { title: 'ID', cell: ({ id }) => escape(id) },
  { title: 'KIND', cell: ({ kind }) => escape(kind), drop: 6 },
  { title: 'BUCKET', cell: ({ bucket = '' }) => escape(bucket), drop: 4 },
  {
    title: 'STATE',
    cell: ({ state }) => state,
    ...(hasColour ? { paint: (text: string, { state }: JobInfo) => paintState(text, state) } : {}),
  },
  {
    title: 'OBJECTS',
    cell: ({ objects }) => (objects === undefined ? '' : count(Number(objects))),
    isRight: true,
    drop: 5,
  },
  {
    title: 'BYTES',
    cell: ({ bytes: size }) => (size === undefined ? '' : bytes(Number(size))),
    isRight: true,
    drop: 1,
  },
  { title: 'RATE', cell: rateText, isRight: true, drop: 3 },
  { title: 'AGE', cell: (job) => ageText(job, nowMs), isRight: true, drop: 2 },
  { title: 'ERROR', cell: ({ error = '' }) => escape(error), isOptional: true, drop: 7, least: 12 },
]

const rateText = ({ objectsPerSecond }: JobInfo): string =>
  objectsPerSecond === undefined ? '' : `${count(objectsPerSecond)}/s`

/** How long the job has run or, once it has ended, how long it took. */
function ageText({ startTime, endTime }: JobInfo, nowMs: number): string {
  if (startTime === undefined) return ''
  const endMs = endTime === undefined ? nowMs : Number(endTime / 1_000_000n)
  return duration(endMs - Number(startTime / 1_000_000n))
}

/** The columns of the targets of a job. */
export const targetColumns: readonly Column<TargetInfo>[] = [
  { title: 'NODE', cell: ({ target }) => escape(target) },
  { title: 'STATE', cell: ({ state }) => state },
  { title: 'OBJECTS', cell: ({ objects }) => count(Number(objects)), isRight: true, drop: 2 },
  { title: 'BYTES', cell: ({ bytes: size }) => bytes(Number(size)), isRight: true, drop: 1 },
  { title: 'ERROR', cell: ({ error = '' }) => escape(error), isOptional: true, drop: 3, least: 12 },
]
