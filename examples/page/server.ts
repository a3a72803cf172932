// node:http: serves the page, its bundle (of esbuild or any other), and the relay for its requests.
import { createServer, type Server } from 'node:http'
import type { ClusterLike } from 'aistore-rx'
import { createRelay } from 'aistore-rx/relay'

export const main = (cluster: ClusterLike, html: string, script: string): Server => {
  const relay = createRelay(cluster)
  return createServer((request, response) =>
    relay.node(request, response, () => {
      const isScript = request.url === '/main.ts'
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html').end(isScript ? script : html)
    }),
  )
}
