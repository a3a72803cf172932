import { Agent } from 'node:http'
import { connect, type Socket } from 'node:net'

/** An agent that connects to one port of this machine, whatever the address of the request. */
export class Detour extends Agent {
  readonly #port: number
  constructor(port: number) {
    super({ keepAlive: true })
    this.#port = port
  }
  override createConnection(): Socket {
    return connect(this.#port, '127.0.0.1')
  }
}
