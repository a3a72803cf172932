const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/**
 * Reads a duration as `ais` writes it: `10` is ten seconds; `500ms`, `3s`, `2m`, `1h`, `1h30m`.
 *
 * @returns milliseconds; undefined if the text is not a duration
 */
export function parseDuration(text: string): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1_000
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined
  const parts = text.match(/[\d.]+|[a-z]+/g) ?? []
  let ms = 0
  for (let i = 0; i < parts.length; i += 2) ms += Number(parts[i]) * (UNIT_MS[parts[i + 1] ?? ''] ?? 0)
  return ms
}
