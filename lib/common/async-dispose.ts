/** Node 20 has the symbol under a name of its own, browsers may not have it at all. */
const symbols: { readonly asyncDispose?: symbol } = Symbol

export const ASYNC_DISPOSE: typeof Symbol.asyncDispose = (symbols.asyncDispose ??
  Symbol.for('nodejs.asyncDispose')) as typeof Symbol.asyncDispose
