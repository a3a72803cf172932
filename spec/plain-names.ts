// tsx makes esbuild keep the name of each function: `Object.defineProperty` sets it whenever a closure is created. That takes
// a tenth of the time of the specs, and nothing reads these names. So the names of functions are not set here. Each module
// takes `Object.defineProperty` when it is evaluated, so this module comes before all others.

const { defineProperty } = Object

Object.defineProperty = (target, key, descriptor) =>
  key === 'name' && typeof target === 'function' ? target : defineProperty(target, key, descriptor)
