import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Answer, call } from './call.ts'
import type { Fleet } from './fleet.ts'
import type { AppCredentials } from './product.ts'

// test/subgraphs/inventory-race.test.ts has a thousand, without the gateways.
const buyers = Number(process.env['RACE_BUYERS'] ?? 300)
const units = 100
const mostKills = 3

let fleet: Fleet

/** Calls through one gateway after the other until one answers: a client that keeps its idempotency key. */
async function insist(turn: number, app: AppCredentials, query: string, variables: object): Promise<Answer> {
  for (let attempt = 0; ; attempt += 1) {
    const gateway = fleet.gateways[(turn + attempt) % fleet.gateways.length]
    const answer = await call({ url: gateway?.url ?? '' }, app, query, { ...variables }).catch(() => undefined)
    if (answer && !answer.errors) return answer
    const code = answer?.errors?.[0]?.extensions['code']
    const mayRetry = answer === undefined || code === 'SUBGRAPH_UNAVAILABLE' || code === 'SUBGRAPH_TIMEOUT'
    if (!mayRetry || attempt > 200) throw new Error(JSON.stringify(answer))
    await pause(50)
  }
}

const sell = `mutation ($input: AdjustInventoryInput!, $key: String!) {
  adjustInventory(input: $input, idempotencyKey: $key) { levels { id } userErrors { code } } }`

/** What may happen once only, asked at the same time of three gateways and two processes each of inventory and deals. */
export function describeRaces(given: () => Fleet): void {
  describe('in races over gateways', () => {
    beforeAll(() => {
      fleet = given()
    })

    it(`sells exactly ${units} of ${units} units to ${buyers} buyers who insist, while processes are killed`, async () => {
      const operator = fleet.app('operator-console')
      const { data } = await insist(
        0,
        operator,
        '{ inventoryLevels(first: 1) { nodes { id onHand available sku { id } location { id } } } }',
        {},
      )
      const [level] = data.inventoryLevels.nodes as {
        onHand: number
        available: number
        sku: { id: string }
        location: { id: string }
      }[]
      if (level === undefined) throw new Error('no stock')
      const place = { skuId: level.sku.id, locationId: level.location.id }
      const counted = { levels: [{ ...place, onHand: level.onHand - level.available + units }] }
      await insist(
        0,
        operator,
        'mutation ($input: SetInventoryInput!) { setInventory(input: $input) { userErrors { code message } } }',
        { input: counted },
      )

      const sold = new AbortController()
      const killing = (async () => {
        const [, second] = fleet.subgraph('inventory')
        // Not more often: on a busy machine the starts would take the time in which it could sell.
        for (let kills = 0; kills < mostKills && !sold.signal.aborted; kills += 1) {
          await pause(200)
          await second?.kill()
          await second?.start()
        }
      })()
      const outcomes = await Promise.all(
        Array.from({ length: buyers }, async (_, buyer) => {
          const answer = await insist(buyer, operator, sell, {
            input: { adjustments: [{ ...place, delta: -1, reason: 'SALE' }] },
            key: `buyer-${buyer}-${randomUUID()}`,
          })
          const { levels, userErrors } = answer.data.adjustInventory as {
            levels: object[] | null
            userErrors: { code: string }[]
          }
          return levels === null ? userErrors[0]?.code : 'SOLD'
        }),
      )
      sold.abort()
      await killing
      expect(outcomes.filter((outcome) => outcome === 'SOLD')).toHaveLength(units)
      expect(outcomes.filter((outcome) => outcome === 'INSUFFICIENT_STOCK')).toHaveLength(buyers - units)
      const after = await insist(0, operator, `{ inventoryLevels(first: 1) { nodes { available } } }`, {})
      expect(after.data.inventoryLevels.nodes).toEqual([{ available: 0 }])
    }, 180_000)

    it('registers one of 200 simultaneous registrations of a customer and refuses 199 alike, whoever asks', async () => {
      const partners = ['northwind-portal', 'fjordline-portal', 'alpenland-erp', 'pennine-portal'].map((slug) =>
        fleet.app(slug),
      )
      const { data } = await insist(
        0,
        fleet.app('operator-console'),
        `{
        products(first: 250) { nodes { id status skus(first: 1) { nodes { id } } } } }`,
        {},
      )
      const product = (data.products.nodes as { id: string; status: string }[]).find(
        ({ status }) => status === 'ACTIVE',
      )
      // A territory in which all four may register does not exist in the demo; those who may not are refused for that.
      const input = {
        productId: product?.id,
        customer: { name: 'Race Industries GmbH', domain: 'race-industries.example', country: 'DE' },
        estimatedValue: { amount: '250000.00', currencyCode: 'EUR' },
        expectedCloseDate: new Date(Date.now() + 60 * 24 * 3_600_000).toISOString(),
      }
      const register = `mutation ($input: RegisterDealInput!, $key: String!) {
        registerDeal(input: $input, idempotencyKey: $key) { dealRegistration { id state } userErrors { code field message } } }`
      const may = await Promise.all(
        partners.map(async (app, turn) => {
          const probe = { ...input, customer: { ...input.customer, domain: `probe-${turn}.example` } }
          const answer = await insist(turn, app, register, { input: probe, key: randomUUID() })
          return answer.data.registerDeal.dealRegistration === null ? undefined : app
        }),
      )
      const entitled = may.filter((app) => app !== undefined)
      expect(entitled.length).toBeGreaterThanOrEqual(2)
      const answers = await Promise.all(
        Array.from({ length: 200 }, async (_, turn) => {
          const app = entitled[turn % entitled.length] as AppCredentials
          return (await insist(turn, app, register, { input, key: `race-${turn}` })).data.registerDeal as {
            dealRegistration: { id: string } | null
            userErrors: object[]
          }
        }),
      )
      const winners = answers.filter(({ dealRegistration }) => dealRegistration !== null)
      expect(winners).toHaveLength(1)
      const refusals = new Set(
        answers.filter((answer) => !winners.includes(answer)).map((answer) => JSON.stringify(answer)),
      )
      expect([...refusals]).toHaveLength(1)
      expect([...refusals][0]).toContain('DUPLICATE_REGISTRATION')
    }, 180_000)

    it('has one effect and one answer for a key that comes 50 times over three gateways', async () => {
      const operator = fleet.app('operator-console')
      const read = '{ inventoryLevels(first: 2) { nodes { id available version sku { id } location { id } } } }'
      const before = await insist(0, operator, read, {})
      const level = before.data.inventoryLevels.nodes[1] as {
        available: number
        version: number
        sku: { id: string }
        location: { id: string }
      }
      const input = {
        adjustments: [{ skuId: level.sku.id, locationId: level.location.id, delta: 7, reason: 'RESTOCK' }],
      }
      const key = randomUUID()
      const answers = await Promise.all(
        Array.from({ length: 50 }, async (_, turn) =>
          JSON.stringify((await insist(turn, operator, sell, { input, key })).data),
        ),
      )
      expect(new Set(answers).size).toBe(1)
      const after = await insist(0, operator, read, {})
      expect(after.data.inventoryLevels.nodes[1]).toMatchObject({
        available: level.available + 7,
        version: level.version + 1,
      })
    }, 60_000)
  })
}
