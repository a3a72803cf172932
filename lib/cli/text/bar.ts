/** A progress bar of `width` characters. Without a ratio, because the total is unknown, it consists of dots. */
export function bar(ratio: number | undefined, width: number): string {
  if (ratio === undefined) return '·'.repeat(width)
  const full = Math.round(Math.max(0, Math.min(1, ratio)) * width)
  return '█'.repeat(full) + '░'.repeat(width - full)
}
