import { createInterface } from 'node:readline'

/** Says one thing to the process that started this one. */
export const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`)

/** Hears what it says, one thing after the other; ends with it. */
export const listen = (heard: (message: never) => void): void => {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => heard(JSON.parse(line) as never))
  lines.on('close', () => process.exit())
}
