import { afterAll, beforeAll, expect, it } from 'vitest'
import { call } from '../e2e/call.ts'
import { type Fleet, startFleet } from '../e2e/fleet.ts'

let fleet: Fleet
beforeAll(async () => {
  fleet = await startFleet([])
}, 120_000)
afterAll(() => fleet[Symbol.asyncDispose]())

interface Sums {
  readonly calls: number
  readonly cost: number
}

const operations = [
  '{ products(first: 3) { nodes { id name } } }',
  '{ myOrganization { name tier { name } } }',
  '{ products(first: 2) { nodes { id } } invoices(first: 1) { nodes { number } } }',
]

it('counts each call and point once, over three gateways, while billing is killed again and again', async () => {
  const app = fleet.app('northwind-portal')
  const [billing] = fleet.subgraph('billing')
  if (billing === undefined) throw new Error('no billing')
  const asOperator = async (query: string, variables = {}) => {
    const answer = await call(fleet.gateways[0] ?? billing, fleet.app('operator-console'), query, variables)
    if (answer.errors) throw new Error(JSON.stringify(answer.errors))
    return answer.data
  }
  const sumBy = async (dimension: string): Promise<Sums> => {
    const data = await asOperator(
      `query ($id: ID!) { usage(appId: $id, groupBy: [${dimension}], first: 250) { nodes { calls cost } } }`,
      { id: app.appId },
    )
    return (data.usage.nodes as Sums[]).reduce(
      (sum, { calls, cost }) => ({ calls: sum.calls + calls, cost: sum.cost + cost }),
      { calls: 0, cost: 0 },
    )
  }
  const total = async (): Promise<Sums> => {
    const rows = await fleet.database
      .connect()
      .then((connection) =>
        connection.collection('billing_usage_totals').find({ appId: app.appId, granularity: 'MONTH' }).toArray(),
      )
    return { calls: Number(rows.at(-1)?.['callCount']), cost: Number(rows.at(-1)?.['costPoints']) }
  }
  // Each text is charged when it runs for the first time: what follows has its cost in its answer alone.
  const before = await total()
  for (const gateway of fleet.gateways) for (const text of operations) await call(gateway, app, text)
  const warm = before.calls + fleet.gateways.length * operations.length
  await expect.poll(async () => (await total()).calls, { timeout: 30_000, interval: 500 }).toBe(warm)
  const quiet = await total()
  const reported = await sumBy('OUTCOME')

  let [calls, cost] = [0, 0]
  for (let round = 0; round < 4; round += 1) {
    const load = async (requests: number): Promise<unknown> =>
      Promise.all(
        Array.from({ length: requests }, async (_, turn) => {
          const answer = await call(
            fleet.gateways[turn % 3] ?? billing,
            app,
            operations[turn % operations.length] ?? '',
          )
          const points = answer.extensions?.cost?.actualQueryCost
          // Where billing could not be asked who calls, nothing was admitted.
          if (typeof points !== 'number') return
          calls += 1
          cost += points
        }),
      )
    // What these used is on its way, or has yet to be sent, when billing dies.
    await load(60)
    const whileDying = load(30)
    await billing.kill()
    await whileDying
    await billing.start()
  }
  expect(calls).toBeGreaterThan(50)
  const expected = { calls: quiet.calls + calls, cost: quiet.cost + cost }
  await expect.poll(total, { timeout: 60_000, interval: 1_000 }).toEqual(expected)
  const added = { calls: reported.calls + calls, cost: reported.cost + cost }
  expect([await sumBy('OUTCOME'), await sumBy('HOUR')]).toEqual([added, added])
}, 180_000)
