import { defined } from '../../common/defined.ts'
import type { Arguments, Flags } from '../arguments.ts'
import type { Verb } from '../verb.ts'
import { LAUNCH_CODES, launch, type LaunchPlan } from './launch.ts'

/** A verb that launches one job. */
export interface LaunchVerb extends Omit<Verb, 'codes' | 'run'> {
  /** Reads the command line, and sends nothing. */
  readonly plan: (args: Arguments) => LaunchPlan
}

/** The verb of a launch, with the flags that all launches have. */
export const verbOf = ({ plan, ...verb }: LaunchVerb): Verb => ({
  ...verb,
  codes: LAUNCH_CODES,
  run: async (context) => launch(context, plan(context.args)),
})

/** A flag as an option of a launch, which is sent only if the flag is given. */
export const given = (args: Arguments, flag: string): true | undefined => (args.has(flag) ? true : undefined)

export const GO_ON: Flags = {
  'continue-on-error': { type: 'boolean', help: 'go on after an object that fails' },
}

/** Reads the flag `--continue-on-error`. */
export const goOn = (args: Arguments): { readonly continueOnError?: true } =>
  defined({ continueOnError: given(args, 'continue-on-error') })
