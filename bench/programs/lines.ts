import { createInterface } from 'node:readline'

/** Sends a message to the process that started this one. */
export const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`)

/** Calls back with each message of that process; exits when that process ends. */
export const listen = (onMessage: (message: never) => void): void => {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => onMessage(JSON.parse(line) as never))
  lines.on('close', () => process.exit())
}
