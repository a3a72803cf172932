import type * as E from 'fp-ts/lib/Either.js'
import * as either from '#either'

// Own names, so that the declarations of the package mention fp-ts by its public path only.
export const left: typeof E.left = either.left
export const right: typeof E.right = either.right
export const isLeft: typeof E.isLeft = either.isLeft
export const isRight: typeof E.isRight = either.isRight
export const match: typeof E.match = either.match
export const sequenceArray: typeof E.sequenceArray = either.sequenceArray
