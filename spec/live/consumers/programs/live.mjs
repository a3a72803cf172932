import { startEmulator } from 'aistore-rx/emulator'
import { run } from './app.mjs'

/** Runs a job on an emulator. */
export async function runLive() {
  const emulator = await startEmulator({ targets: 2 })
  try {
    return await run(emulator.endpoint)
  } finally {
    await emulator.close()
  }
}
