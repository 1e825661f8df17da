// `npm run bench -- <name>`: measures the built product, from a fresh clone.
import { whenReady } from './prepare/ready.mjs'

void whenReady(async () => {
  // The benches are sources; Node 20 runs TypeScript only with a loader.
  const { register } = await import('tsx/esm/api')
  register()
  // By a computed address: the scripts know nothing of what they run.
  await import(new URL('../bench/main.ts', import.meta.url).href)
})
