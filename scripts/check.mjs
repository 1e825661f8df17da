// `npm run check`: everything that a change must pass, cheapest first; the first failure ends it.
import { whenReady } from './prepare/ready.mjs'

void whenReady(async () => {
  const { runChecks } = await import('./check/run-checks.mjs')
  await runChecks()
})
