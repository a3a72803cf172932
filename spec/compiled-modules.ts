// tsx lets esbuild compile each module to CommonJS, and keep the names of functions. Two calls of `Object.defineProperty` in
// the compiled code then take a fifth of the time of the specs. Each module takes that function when it is evaluated, so
// this module comes before all others.

const { defineProperty } = Object

/** The getters of exports, as esbuild and TypeScript write them. Each use of an export would call two. */
const GETTER = /^(?:\(\) ?=> ?(?:[\w$]+|from\[key\])|function ?\(\) ?\{ ?return \w+\.\w+;? ?\})$/

interface Exported {
  readonly enumerable?: boolean
  readonly get: () => unknown
}

const isExport = (descriptor: Partial<Exported>): descriptor is Exported =>
  descriptor.enumerable === true && GETTER.test(String(descriptor.get))

/** An export that becomes a plain property at its first use, because no module assigns to its exports. */
const exported = (target: object, key: PropertyKey, { get }: Exported): PropertyDescriptor => ({
  enumerable: true,
  configurable: true,
  get: () => {
    const value = get()
    // Of two modules that import each other, one may use an export before it has its value.
    if (value !== undefined) defineProperty(target, key, { value, enumerable: true })
    return value
  },
})

Object.defineProperty = <T>(target: T & object, key: PropertyKey, descriptor: PropertyDescriptor): T => {
  // esbuild sets the name of each closure whenever it is created. Nothing reads these names.
  if (key === 'name' && typeof target === 'function') return target
  return defineProperty(target, key, isExport(descriptor) ? exported(target, key, descriptor) : descriptor)
}
