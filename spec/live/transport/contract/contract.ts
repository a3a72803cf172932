import { connecting } from './connecting.ts'
import { connections } from './connections.ts'
import { cuts } from './cuts.ts'
import { framing } from './framing.ts'
import { leaving } from './leaving.ts'
import { limits } from './limits.ts'
import { status } from './status.ts'
import type { Case, World } from './world.ts'

/**
 * The contract that each transport of the library fulfils, with one case for each claim. It uses no test framework, so
 * that it runs on every runtime.
 *
 * The servers may be in another process: they run on Node, whatever runs the transport.
 */
export const contract = (world: World): readonly Case[] => [
  ...framing(world),
  ...cuts(world),
  ...status(world),
  ...limits(world),
  ...leaving(world),
  ...(world.isOwn ? [...connecting(world), ...connections(world)] : []),
]
