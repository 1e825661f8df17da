import { afterEach, describe, expect, it } from 'vitest'
import { createQueue } from '../../kit/event-queue.ts'
import { type Following, streamClients } from './stream-clients.ts'
import { type ServedGraph, fronts, startServedGraph } from './served-graph.ts'

interface Sale {
  readonly number: number
}

/** Two subgraphs: sales, which are followed, and goods, which are joined to each. */
function createShop() {
  const queues = new Set<{ push(sale: Sale): void }>()
  const sales = {
    name: 'sales',
    sdl: `
      type Query { any: Int @authenticated }
      type Subscription { sold: Sale @authenticated }
      type Sale @authenticated { cursor: String! subject: ID! number: Int! sku: Sku! }
      type Sku @key(fields: "id") @authenticated { id: ID! }`,
    resolvers: {
      Subscription: {
        sold: {
          subscribe() {
            const queue = createQueue<Sale>({ limit: 100, onEnd: () => queues.delete(queue) })
            queues.add(queue)
            return queue.iterator
          },
          resolve: ({ number }: Sale) => ({
            number,
            cursor: `evc_${number}`,
            subject: `sub_${number}`,
            sku: { id: `sku_${number}` },
          }),
        },
      },
    },
  }
  const goods = {
    name: 'goods',
    sdl: `type Query { other: Int @authenticated }
      type Sku @key(fields: "id") @authenticated { id: ID! name: String! }`,
    resolvers: { Sku: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `Name of ${id}` }) } },
  }
  return {
    subgraphs: [sales, goods],
    /** Streams that a gateway has open. */
    open: () => queues.size,
    sell: (number: number) => queues.forEach((queue) => queue.push({ number })),
  }
}

const query = 'subscription { sold { number sku { name } } }'
const told = (number: number) => ({ sold: { number, sku: { name: `Name of sku_${number}` } } })

const followings: Following[] = []
let graph: ServedGraph | undefined
afterEach(async () => {
  for (const following of followings.splice(0)) following.leave()
  await graph?.[Symbol.asyncDispose]()
})

describe.each(fronts)('a gateway with the front %s', (front) => {
  it('tells readers over every transport the same, of as few streams of its own as there are operations, and where to go on when it closes', async () => {
    const shop = createShop()
    graph = await startServedGraph(shop.subgraphs, { http: { front } })
    const { url } = graph
    followings.push(...Object.values(streamClients).map((client) => client({ url, query })))
    await expect
      .poll(() => {
        shop.sell(0)
        return followings.every(({ results }) => results.length > 0)
      })
      .toBe(true)
    // Apollo Client asks for `__typename` besides, which is another operation.
    expect(shop.open()).toBe(2)
    for (const number of [1, 2, 3]) shop.sell(number)
    await expect
      .poll(() => followings.map(({ results }) => results.slice(-3)))
      .toMatchObject(followings.map(() => [1, 2, 3].map(told)))
    await graph[Symbol.asyncDispose]()
    graph = undefined
    await expect
      .poll(() => followings.map(({ errors }) => errors))
      .toEqual(followings.map(() => [{ code: 'SERVER_CLOSING', cursor: 'evc_3' }]))
  })
})
