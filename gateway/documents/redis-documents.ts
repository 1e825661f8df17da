import { Redis } from 'ioredis'
import type { Logger } from '../../kit/log.ts'
import { type SentDocuments, sha256 } from '../operation/persisted-documents.ts'

/** Who waits longer is told that the document is not known, and sends it. */
const commandTimeoutMs = 200
const keptSeconds = 24 * 60 * 60

/**
 * Documents that clients have sent with their hash, shared by all gateways on one Redis: a client is asked for each
 * text once. What this process has seen is found without Redis, and without Redis each gateway learns by itself.
 */
export function createRedisDocuments(
  redisUrl: string,
  { local, log }: { readonly local: SentDocuments; readonly log: Logger },
): SentDocuments & { close(): Promise<void> } {
  const redis = new Redis(redisUrl, {
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    commandTimeout: commandTimeoutMs,
  })
  redis.on('error', (error) => log.info({ err: error }, 'documents cannot be shared over Redis now'))
  const find = async (hash: string): Promise<string | undefined> => {
    try {
      const text = await redis.get(keyOf(hash))
      // Others may write to a Redis; a hash is believed only of its own text.
      if (text === null || sha256(text) !== hash) return undefined
      local.set(hash, text)
      return text
    } catch (error) {
      log.info({ err: error }, 'a document could not be looked up in Redis')
      return undefined
    }
  }
  return {
    get: (hash) => local.get(hash) ?? find(hash),
    set(hash, text) {
      local.set(hash, text)
      redis
        .set(keyOf(hash), text, 'EX', keptSeconds)
        .catch((error: unknown) => log.info({ err: error }, 'a document could not be left in Redis'))
    },
    close: async () => redis.disconnect(),
  }
}

function keyOf(hash: string): string {
  return `tributary:document:${hash}`
}
