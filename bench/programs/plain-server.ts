// Replies to every request with one status, as fast as Node can, so that the client is the slow part.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { listen, say } from './lines.ts'

export const ID = 'zOCwz4iJS'
const body = `{"kind":"lru","uuid":"${ID}","err":"","end_time":0,"aborted":false}`

const server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
  request.resume()
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': body.length })
  response.end(body)
})
server.listen(0, '127.0.0.1', () => {
  say({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
})
listen(() => undefined)
