import type { JobInfo, TargetInfo } from './job-info.ts'
import { bytes, clock, count, dateTime, duration } from '../../common/format.ts'
import { escape } from '../text/escape.ts'
import type { Column } from '../text/table.ts'
import type { Look } from './look.ts'

const COLOURS: Readonly<Record<string, number>> = { finished: 32, failed: 31, aborted: 33, lost: 35, running: 36 }

/** Colours the word of a state. The colour adds no information to the word. */
const paintState = (text: string, state: string): string =>
  COLOURS[state] === undefined ? text : `\u001b[${COLOURS[state]}m${text}\u001b[0m`

/** The columns of a table of jobs. In a narrow one, only ID, STATE and % remain. */
export const jobColumns = (nowMs: number, { isColoured, units, hasDate }: Look): readonly Column<JobInfo>[] => [
  { title: 'ID', cell: ({ id }) => escape(id) },
  { title: 'KIND', cell: ({ kind }) => escape(kind), drop: 7 },
  { title: 'BUCKET', cell: ({ bucket = '' }) => escape(bucket), drop: 5 },
  {
    title: 'STATE',
    cell: ({ state }) => state,
    ...(isColoured ? { paint: (text: string, { state }: JobInfo) => paintState(text, state) } : {}),
  },
  { title: '%', cell: percentOf, isRight: true, isOptional: true },
  {
    title: 'OBJECTS',
    cell: ({ objects }) => (objects === undefined ? '' : count(Number(objects))),
    isRight: true,
    drop: 6,
  },
  {
    title: 'BYTES',
    cell: ({ bytes: size }) => (size === undefined ? '' : bytes(Number(size), units)),
    isRight: true,
    drop: 1,
  },
  { title: 'RATE', cell: rateText, isRight: true, drop: 3 },
  { title: 'ETA', cell: etaText, isRight: true, isOptional: true, drop: 4 },
  ...(hasDate
    ? spanColumns<JobInfo>(hasDate, 2)
    : [{ title: 'AGE', cell: (job: JobInfo) => ageText(job, nowMs), isRight: true, drop: 2 }]),
  { title: 'ERROR', cell: ({ error = '' }) => escape(error), isOptional: true, drop: 8, least: 12 },
]

/** Rounded down, so that only a job that has done all of its work shows 100 %. */
const percentOf = ({ ratio }: JobInfo): string => (ratio === undefined ? '' : `${Math.floor(ratio * 100)} %`)

const rateText = ({ objectsPerSecond }: JobInfo): string =>
  objectsPerSecond === undefined ? '' : `${count(objectsPerSecond)}/s`

const etaText = ({ etaMs }: JobInfo): string => (etaMs === undefined ? '' : duration(etaMs))

/** How long the job has run or, once it has ended, how long it took. */
function ageText({ startTime, endTime }: JobInfo, nowMs: number): string {
  if (startTime === undefined) return ''
  const endMs = endTime === undefined ? nowMs : msOf(endTime)
  return duration(endMs - msOf(startTime))
}

const msOf = (instant: bigint): number => Number(instant / 1_000_000n)

/** When something started and ended, in local time. */
function spanColumns<A extends Pick<JobInfo, 'startTime' | 'endTime'>>(
  hasDate: boolean,
  drop: number,
): readonly Column<A>[] {
  const timeOf = (instant: bigint | undefined): string =>
    instant === undefined ? '' : (hasDate ? dateTime : clock)(msOf(instant))
  return [
    { title: 'START', cell: ({ startTime }) => timeOf(startTime), drop },
    { title: 'END', cell: ({ endTime }) => timeOf(endTime), drop },
  ]
}

/** The columns of the targets of a job. */
export const targetColumns = ({ units, hasDate }: Pick<Look, 'units' | 'hasDate'>): readonly Column<TargetInfo>[] => [
  { title: 'NODE', cell: ({ target }) => escape(target) },
  { title: 'STATE', cell: ({ state }) => state },
  { title: 'OBJECTS', cell: ({ objects }) => count(Number(objects)), isRight: true, drop: 3 },
  { title: 'BYTES', cell: ({ bytes: size }) => bytes(Number(size), units), isRight: true, drop: 2 },
  ...spanColumns<TargetInfo>(hasDate, 1),
  { title: 'ERROR', cell: ({ error = '' }) => escape(error), isOptional: true, drop: 4, least: 12 },
]
