// `npm test [-- vitest arguments]`: the tests, from a fresh clone.
import { whenReady } from './prepare/ready.mjs'

void whenReady(async () => {
  const { runVitest } = await import('./test/run-vitest.mjs')
  await runVitest(process.argv.slice(2))
})
