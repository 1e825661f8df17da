import { trimOplog } from '../oplog/trim-oplog.ts'
import type { Engine } from './engine.ts'
import { expireDocuments } from './expire-documents.ts'

/** What needs doing now and then, each at its own pace. Returns how to stop. */
export function startSweeping(
  engine: Engine,
  { ttlSeconds, onFault }: { ttlSeconds: number; onFault: (error: unknown) => void },
): () => Promise<void> {
  const running = new Set<Promise<void>>()
  const every = (seconds: number, work: () => Promise<void>): NodeJS.Timeout => {
    let busy = false
    return setInterval(() => {
      if (busy) return
      busy = true
      const run = work()
        .catch(onFault)
        .finally(() => {
          busy = false
          running.delete(run)
        })
      running.add(run)
    }, seconds * 1000)
  }
  const timers = [
    every(1, () => engine.sessions.sweepTransactions()),
    every(60, () => engine.sessions.sweep()),
    every(60, async () => engine.cursors.sweep()),
    every(ttlSeconds, () => expireDocuments(engine)),
    every(60, () => trimOplog(engine)),
  ]
  return async () => {
    for (const timer of timers) clearInterval(timer)
    await Promise.all(running)
  }
}
