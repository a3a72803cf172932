import type * as E from 'fp-ts/lib/Either.js'
import * as either from '#either'

// Own names, so that the declarations of the package mention fp-ts by its public path only.
export const left: typeof E.left = either.left
export const right: typeof E.right = either.right
/** Whether a result is an error, which is then in `left`; as in fp-ts. */
export const isLeft: typeof E.isLeft = either.isLeft
/** Whether a result is an answer, which is then in `right`; as in fp-ts. */
export const isRight: typeof E.isRight = either.isRight
/** Makes one value of a result, with a function for errors and one for answers; as in fp-ts. */
export const match: typeof E.match = either.match
export const sequenceArray: typeof E.sequenceArray = either.sequenceArray
