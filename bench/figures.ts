/** A figure of several repetitions. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** One measured figure: our value, the value of the other program, and the goal. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly ours: Spread
  /** Absent if the figure is not compared. */
  readonly theirs?: Spread
  /** Ours divided by theirs, repetition by repetition. */
  readonly ratio?: Spread
  /** The goal of the ratio if there is one, otherwise of the figure itself; absent for figures without a goal. */
  readonly atMost?: number
  readonly reached?: boolean
}

/** The figures of one row of the table. */
export interface Row {
  readonly title: string
  readonly against: string
  readonly figures: readonly Figure[]
  /** What could not be measured, and why. */
  readonly missing?: string
  /** Notes for readers of the figures. */
  readonly note?: string
}

/** The median of some figures, and their range. */
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

/** Compares a figure with that of another program: each repetition with the repetition that ran beside it. */
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

/** A figure that is not compared. */
export const alone = (name: string, unit: string, ours: readonly number[], atMost?: number): Figure => {
  const spread = spreadOf(ours)
  return {
    name,
    unit,
    ours: spread,
    ...(atMost === undefined ? {} : { atMost, reached: spread.median <= atMost }),
  }
}
