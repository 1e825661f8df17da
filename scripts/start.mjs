// `npm start`: the whole product in one process, from a fresh clone.
import { whenReady } from './prepare/ready.mjs'
import { importBuilt } from './prepare/root.mjs'

// Imported rather than run as a child: signals, exit code and terminal are then the product's own.
void whenReady(() => {
  // Libraries check more and tell clients more in development; who develops the product runs its tests.
  process.env.NODE_ENV ??= 'production'
  return importBuilt('gateway/main.js')
})
