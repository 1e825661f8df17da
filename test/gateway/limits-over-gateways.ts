import type { Usage } from '../../gateway/cost/usage-recorder.ts'
import { withOutageReserve } from '../../gateway/cost/outage-reserve.ts'
import { createMemoryLimiter } from '../../gateway/cost/memory-limiter.ts'
import { createLogger } from '../../kit/log.ts'
import { createMiniGraph } from './mini-graph.ts'
import { startRedis } from './redis-under-test.ts'

const limits = { bucketSize: 1_000, restoreRate: 500, maxQueryCost: 500 }
/** Pages that clients ask for in turn. All get two items, so that the larger estimates are mostly refunded. */
const pageSizes = [2, 2, 2, 10]
const mostPoints = 10

const shop = {
  name: 'shop',
  sdl: `
    type Query {
      products(first: Int = 3): [Product!] @authenticated
        @listSize(assumedSize: 50, slicingArguments: ["first"], requireOneSlicingArgument: false)
    }
    type Product @authenticated { name: String! }`,
  resolvers: { Query: { products: () => [{ name: 'A' }, { name: 'B' }] } },
}

const nowMs = (): number => performance.now()

export interface Onslaught {
  readonly asked: number
  readonly throttled: number
  /** Points that the app was charged in the end. */
  readonly points: number
  /** Points that its plan allows in the time that it took: burst + rate x time + one query. */
  readonly allowed: number
}

/** Gateways on one Redis, each with clients of one app that ask without a pause for some seconds. */
export async function attackWith(options: {
  readonly gateways: number
  readonly clients: number
  readonly seconds: number
}): Promise<Onslaught> {
  await using redis = await startRedis(options.gateways)
  let points = 0
  let throttled = 0
  let asked = 0
  const usage = { record: (record: Usage) => void (points += record.cost), close: () => Promise.resolve() }
  const graphs = await Promise.all(
    redis.gateways.map((shared) => {
      const reserve = { local: createMemoryLimiter(nowMs), log: createLogger('test', 'silent'), nowMs }
      return createMiniGraph([shop], { limiter: withOutageReserve(shared, reserve), now: () => new Date(), usage })
    }),
  )
  const begun = nowMs()
  const until = begun + options.seconds * 1_000
  await Promise.all(
    graphs.flatMap((graph) =>
      Array.from({ length: options.clients }, async (_client, index) => {
        const query = `{ products(first: ${pageSizes[index % pageSizes.length]}) { name } }`
        while (nowMs() < until) {
          asked += 1
          const { errors } = await graph.run(query, { limits })
          if (errors[0]?.code === 'THROTTLED') throttled += 1
          else if (errors[0]) throw errors[0]
          graph.fetches.length = 0
        }
      }),
    ),
  )
  const seconds = (nowMs() - begun) / 1_000
  return { asked, throttled, points, allowed: limits.bucketSize + limits.restoreRate * seconds + mostPoints }
}
