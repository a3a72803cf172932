// Vite: the relay is middleware of its development server. AIS_ENDPOINT names the cluster.
import { createCluster } from 'aistore-rx'
import { createRelay } from 'aistore-rx/relay'

const relay = createRelay(createCluster(process.env.AIS_ENDPOINT ?? 'http://localhost:8080'))

export default {
  plugins: [{ name: 'aistore-relay', configureServer: ({ middlewares }) => void middlewares.use(relay.node) }],
}
