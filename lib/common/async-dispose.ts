/** Node 20 has the symbol under another name, and some browsers lack it. */
const symbols: { readonly asyncDispose?: symbol } = Symbol

export const ASYNC_DISPOSE: typeof Symbol.asyncDispose = (symbols.asyncDispose ??
  Symbol.for('nodejs.asyncDispose')) as typeof Symbol.asyncDispose
