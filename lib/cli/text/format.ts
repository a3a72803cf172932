const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** A number of bytes in the largest binary unit of which there is at least one. */
export function bytes(count: number): string {
  const power = count < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(count) / 10))
  return `${(count / 2 ** (10 * power)).toFixed(power === 0 ? 0 : 1)} ${UNITS[power] ?? 'B'}`
}

export const count = (n: number): string => Math.round(n).toLocaleString('en-US')

/** A progress bar of `width` characters. Without a ratio, because the total is unknown, it consists of dots. */
export function bar(ratio: number | undefined, width: number): string {
  if (ratio === undefined) return '·'.repeat(width)
  const full = Math.round(Math.max(0, Math.min(1, ratio)) * width)
  return '█'.repeat(full) + '░'.repeat(width - full)
}
