import { request, type IncomingHttpHeaders } from 'node:http'

/** One reply over a real socket. */
export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A request over a real socket. */
export interface RequestOptions {
  readonly method?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** Sends a request on a new connection. Fails with the system's error, or with ECONNRESET if the body is incomplete. */
export const sendRequest = (
  url: string,
  { method = 'GET', body = '', headers = {}, signal }: RequestOptions = {},
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const framed = { ...headers, ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }) }
    const outgoing = request(
      url,
      { method, agent: false, headers: framed, ...(signal ? { signal } : {}) },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks).toString(),
          })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })

/** The error code of a promise that fails, or `none`. */
export const codeOf = async (failing: Promise<unknown>): Promise<string> => {
  try {
    await failing
    return 'none'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}
