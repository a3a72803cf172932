import { INVALID_URL, systemFailure } from './system-failure.ts'

/** Parses the address of a request. An address with credentials is refused, because addresses are displayed. */
export function addressOf(text: string): URL {
  try {
    const url = new URL(text)
    if (/^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url
  } catch {
    // All runtimes get one code below: their own codes differ, or are missing.
  }
  throw systemFailure(INVALID_URL)
}
