import type * as E from 'fp-ts/lib/Either.js'
import * as either from '#either'

// Typed by the public path of fp-ts, so that the declarations of the package do not mention `#either`.
export const left: typeof E.left = either.left
export const right: typeof E.right = either.right
/** Whether a result is an error; then `left` has the error. The same function as in fp-ts. */
export const isLeft: typeof E.isLeft = either.isLeft
/** Whether a result is an answer; then `right` has the answer. The same function as in fp-ts. */
export const isRight: typeof E.isRight = either.isRight
/** Converts a result to a value, with one function for errors and one for answers. The same function as in fp-ts. */
export const match: typeof E.match = either.match
export const sequenceArray: typeof E.sequenceArray = either.sequenceArray
