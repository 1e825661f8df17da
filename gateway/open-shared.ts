import type { Config } from '../kit/config.ts'
import type { Logger } from '../kit/log.ts'
import type { Limiter } from './cost/limiter.ts'
import { createMemoryLimiter } from './cost/memory-limiter.ts'
import { withOutageReserve } from './cost/outage-reserve.ts'
import { type SentDocuments, createSentDocuments } from './operation/persisted-documents.ts'

const nowMs = (): number => performance.now()

/**
 * Limits: in this process, and where there is a Redis in all. Redis's client is loaded only there: it is a good part of
 * the modules of a start.
 */
export async function openLimiter({ REDIS_URL }: Config, log: Logger): Promise<Limiter> {
  const local = createMemoryLimiter(nowMs)
  if (REDIS_URL === undefined) return local
  const { createRedisLimiter } = await import('./cost/redis-limiter.ts')
  return withOutageReserve(createRedisLimiter(REDIS_URL, log), { local, log, nowMs })
}

/** Texts that came with their hash: in this process, and where there is a Redis in all. */
export async function openSentDocuments(
  { REDIS_URL }: Config,
  log: Logger,
): Promise<SentDocuments & { close(): Promise<void> }> {
  const local = createSentDocuments()
  if (REDIS_URL === undefined) return { ...local, close: () => Promise.resolve() }
  const { createRedisDocuments } = await import('./documents/redis-documents.ts')
  return createRedisDocuments(REDIS_URL, { local, log })
}
