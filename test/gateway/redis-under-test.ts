import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Limiter } from '../../gateway/cost/limiter.ts'
import { createRedisLimiter } from '../../gateway/cost/redis-limiter.ts'
import { createLogger } from '../../kit/log.ts'

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0
if (!hasRedis) process.stdout.write('Limits on Redis are not tested: there is no redis-server on this machine.\n')

/** A Redis of its own on a socket, so that no port has to be found free, and gateways that share it. */
export async function startRedis(gatewayCount = 3): Promise<{
  readonly url: string
  readonly gateways: readonly Limiter[]
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-redis-'))
  const socket = join(folder, 'redis')
  const child = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      if (/ready to accept connections/i.test(String(chunk))) resolve()
    })
  })
  const url = `unix://${socket}`
  const log = createLogger('test', 'silent')
  const gateways = Array.from({ length: gatewayCount }, () => createRedisLimiter(url, log))
  const stop = async (): Promise<void> => {
    child.kill()
    await exited
  }
  return {
    url,
    gateways,
    stop,
    async [Symbol.asyncDispose]() {
      for (const gateway of gateways) await gateway.close()
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
