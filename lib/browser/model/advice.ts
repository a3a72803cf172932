import type * as all from '../../model/advice.ts'

export const adviceFor: typeof all.adviceFor = () => 'its advice in KINDS says what to do instead'
