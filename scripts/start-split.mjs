// `npm run start:split`: the same product as separate processes on this machine, from a fresh clone.
import { whenReady } from './prepare/ready.mjs'

void whenReady(async () => {
  const { startSplit } = await import('./split/start-split.mjs')
  await startSplit(process.argv.slice(2))
})
