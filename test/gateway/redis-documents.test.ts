import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { createSentDocuments, sha256 } from '../../gateway/operation/persisted-documents.ts'
import { createRedisDocuments } from '../../gateway/documents/redis-documents.ts'
import { createLogger } from '../../kit/log.ts'
import { hasRedis, startRedis } from './redis-under-test.ts'

const log = createLogger('test', 'silent')
const text = '{ shared }'
const hash = sha256(text)

it.skipIf(!hasRedis)(
  'are found by every gateway on a Redis, by their own hash only, and without it by who has seen them',
  async () => {
    await using redis = await startRedis(0)
    const socket = redis.url.replace('unix://', '')
    const first = createRedisDocuments(socket, { local: createSentDocuments(), log })
    const second = createRedisDocuments(socket, { local: createSentDocuments(), log })
    try {
      await expect
        .poll(async () => {
          first.set(hash, text)
          return second.get(hash)
        })
        .toBe(text)
      const others = new Redis(socket)
      const wanted = sha256('{ wanted }')
      await others.set(`tributary:document:${wanted}`, '{ forged }')
      others.disconnect()
      expect(await second.get(wanted)).toBeUndefined()
      await redis.stop()
      expect(await second.get(hash)).toBe(text)
      expect(await second.get(sha256('{ unknown }'))).toBeUndefined()
      first.set(sha256('{ local }'), '{ local }')
      expect(await first.get(sha256('{ local }'))).toBe('{ local }')
    } finally {
      await Promise.all([first.close(), second.close()])
    }
  },
)
