import { fetchBy } from '../../../lib/transport/fetch-by.ts'
import { systemFailure } from '../../../lib/transport/system-failure.ts'
import { fetchTransport } from '../../../lib/transport/fetch.ts'
import { contract } from './contract/contract.ts'
import { localServers } from './contract/server.ts'

// The specs of `contract/` say how every transport behaves. Here they run for the two transports of this package.

const servers = localServers()

describe('the contract of the transport over node:http', () => {
  afterEach(() => servers.close())
  for (const [name, run] of contract({ transport: fetchTransport, servers, isOwn: true })) it(name, run)
})

describe('the contract of the transport over fetch', () => {
  afterEach(() => servers.close())
  const transport = () => fetchBy(globalThis.fetch, systemFailure)
  for (const [name, run] of contract({ transport, servers, isOwn: false })) it(name, run)
})
