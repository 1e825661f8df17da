import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { Pool } from 'undici'
import { startRedis } from '../gateway/redis-under-test.ts'
import { root } from '../e2e/product.ts'
import { type Headers, startAttackGraph } from './attack-graph.ts'

/** Pages that clients ask for in turn; most of what the last one costs is given back. */
const pages = ['first: 2', 'first: 3', 'first: 2', 'first: 10, search: "nothing is called so"']
const app = 'northwind-portal'

export interface Onslaught {
  readonly asked: number
  readonly throttled: number
  /** Points that the answers say were paid. */
  readonly points: number
  /** Points that billing has been told of. */
  readonly billed: number
  /** Burst + rate x time + one query. */
  readonly allowed: number
}

/** Clients of one app, half of them with its key and half with a token, at gateway processes on one Redis. */
export async function attackGateways(options: {
  readonly gateways: number
  readonly clients: number
  readonly bucketSize: number
  readonly restoreRate: number
  /** Whether a client is to ask again, by how many operations were asked and how long it has been. */
  readonly more: (asked: number, seconds: number) => boolean
}): Promise<Onslaught> {
  const { bucketSize, restoreRate } = options
  await using graph = await startAttackGraph({ limits: { bucketSize, restoreRate, maxQueryCost: bucketSize } })
  await using redis = await startRedis(0)
  await using door = await openDoor(redis.url.replace('unix://', ''))
  const gateways = await Promise.all(
    Array.from({ length: options.gateways }, () => launch({ ...graph.environment, REDIS_URL: door.url })),
  )
  await using _ended = {
    [Symbol.asyncDispose]: async () => void (await Promise.all(gateways.map((gateway) => gateway.stop()))),
  }
  const pools = gateways.map(({ url }) => new Pool(url, { connections: options.clients }))
  const usageBefore = await billedTo(graph.connection, graph.key(app))
  const tally = { asked: 0, throttled: 0, points: 0, dearest: 0 }
  const begun = performance.now()
  const seconds = (): number => (performance.now() - begun) / 1_000
  const ask = async (pool: Pool, as: Headers, index: number): Promise<void> => {
    const query = `{ products(${pages[index % pages.length]}) { nodes { name } } }`
    const request = { path: '/graphql', method: 'POST', body: JSON.stringify({ query }) } as const
    while (options.more(tally.asked, seconds())) {
      tally.asked += 1
      const { body } = await pool.request({ ...request, headers: { ...as, 'content-type': 'application/json' } })
      const { errors, extensions } = (await body.json()) as GraphAnswer
      const code = errors?.[0]?.extensions.code
      if (code === 'THROTTLED') tally.throttled += 1
      // On a machine that is too busy some fail, and what they took is counted too.
      else if (code !== undefined && !code.startsWith('SUBGRAPH_')) throw new Error(`refused with ${code}`)
      tally.points += extensions?.cost.actualQueryCost ?? 0
      tally.dearest = Math.max(tally.dearest, extensions?.cost.requestedQueryCost ?? 0)
    }
  }
  const credentials = [graph.key(app), await graph.token(app)]
  await Promise.all(
    pools.flatMap((pool) =>
      Array.from({ length: options.clients }, (_, index) => ask(pool, credentials[index % 2] ?? {}, index >> 1)),
    ),
  )
  const allowed = bucketSize + restoreRate * seconds() + tally.dearest
  for (const pool of pools) await pool.destroy()
  // Ended in order, a gateway hands over what it has metered.
  await Promise.all(gateways.map((gateway) => gateway.stop()))
  const billed = (await billedTo(graph.connection, graph.key(app))) - usageBefore
  const { asked, throttled, points } = tally
  return { asked, throttled, points, billed, allowed }
}

interface GraphAnswer {
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[]
  readonly extensions?: {
    readonly cost: { readonly actualQueryCost: number | null; readonly requestedQueryCost: number }
  }
}

async function billedTo(
  connection: Awaited<ReturnType<typeof startAttackGraph>>['connection'],
  as: Headers,
): Promise<number> {
  const month = `${as['x-tributary-app']}:${new Date().toISOString().slice(0, 7)}`
  const totals = connection.collection<{ _id: string; costPoints: number }>('billing_usage_totals')
  return (await totals.findOne({ _id: month }))?.costPoints ?? 0
}

/** A TCP port of its own for what listens on a socket of the file system: gateways are told a host and a port. */
async function openDoor(path: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((outer) => {
    const inner = connect(path)
    outer.pipe(inner).pipe(outer)
    for (const socket of [outer, inner]) socket.on('error', () => [outer, inner].forEach((each) => each.destroy()))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `redis://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

async function launch(env: Readonly<Record<string, string>>): Promise<{ url: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, ['dist/gateway/main.js'], {
    cwd: root,
    env: { ...process.env, ...env, PORT: '0', LOG_LEVEL: 'fatal' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await urlPrinted(child)
  return {
    url,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

function urlPrinted(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      output += part
      const url = /(http:\/\/[\w.:]+)\/graphql/.exec(output)?.[1]
      if (url !== undefined && output.includes('Ctrl-C')) resolve(url)
    })
    child.once('exit', (code) => reject(new Error(`a gateway ended with ${code} at its start:\n${output}`)))
  })
}
