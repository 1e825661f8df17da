// Loaded before sources that tsx compiles. It has esbuild name every function that is made, each time it is made, by
// `Object.defineProperty(made, 'name', ...)`: that gives each closure a dictionary of its own of a quarter of a
// kilobyte, which the built product does not have.
const { defineProperty } = Object

Object.defineProperty = (target, key, description) =>
  key === 'name' && typeof target === 'function' && typeof description.value === 'string'
    ? target
    : defineProperty(target, key, description)
