/** A figure of several repetitions. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** One thing that was measured: ours, what it stands against, and what it must reach. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly ours: Spread
  /** Absent where a figure stands for itself. */
  readonly theirs?: Spread
  /** Ours divided by theirs, repetition by repetition. */
  readonly ratio?: Spread
  /** Of the ratio where there is one, else of the figure itself; absent where it is only told. */
  readonly atMost?: number
  readonly reached?: boolean
}

/** What a row of the table measured. */
export interface Row {
  readonly title: string
  readonly against: string
  readonly figures: readonly Figure[]
  /** What it could not measure, and why. */
  readonly missing?: string
  /** What a reader of the figures has to know. */
  readonly note?: string
}

/** The middle of some figures, and how far they lie apart. */
export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (index: number): number => sorted[index] ?? NaN
  const middle = (sorted.length - 1) / 2
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  }
}

/** A figure against another: each repetition by the one it ran beside. */
export const compared = (
  name: string,
  unit: string,
  ours: readonly number[],
  theirs: readonly number[],
  atMost?: number,
): Figure => {
  const ratio = spreadOf(ours.map((value, i) => value / (theirs[i % theirs.length] ?? NaN)))
  return {
    name,
    unit,
    ours: spreadOf(ours),
    theirs: spreadOf(theirs),
    ratio,
    ...(atMost === undefined ? {} : { atMost, reached: ratio.median <= atMost }),
  }
}

/** A figure that stands for itself. */
export const alone = (name: string, unit: string, ours: readonly number[], atMost?: number): Figure => {
  const spread = spreadOf(ours)
  return {
    name,
    unit,
    ours: spread,
    ...(atMost === undefined ? {} : { atMost, reached: spread.median <= atMost }),
  }
}
