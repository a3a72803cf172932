/** The symbol of `await using`; none for a consumer whose TypeScript libraries do not have it. */
export type AsyncDispose = SymbolConstructor extends { readonly asyncDispose: infer S extends symbol } ? S : never

/** What `await using` takes, where TypeScript knows that at all. */
export type AsyncDisposed = { readonly [S in AsyncDispose]: () => Promise<void> }

/** Node 20 has the symbol under a name of its own, browsers may not have it at all. */
const symbols: { readonly asyncDispose?: symbol } = Symbol

export const ASYNC_DISPOSE: AsyncDispose = (symbols.asyncDispose ?? Symbol.for('nodejs.asyncDispose')) as AsyncDispose
