// A program of its own: runs the contract on whatever runtime runs it, against servers in another process. Writes a line of
// JSON for each case, and should then end by itself.
import process from 'node:process'
import { fetchTransport } from 'aistore-rx'
import { contract } from './contract.ts'
import { remoteServers } from './servers.ts'

const servers = remoteServers(process.argv[2] ?? '')
const cases = contract({ transport: fetchTransport, servers, isOwn: true })

async function failureOf(run: () => Promise<void>): Promise<string | undefined> {
  try {
    await run()
    return undefined
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  } finally {
    await servers.close()
  }
}

for (const [name, run] of cases) console.log(JSON.stringify({ name, failure: await failureOf(run) }))
console.log(JSON.stringify({ done: cases.length }))
