import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createEventLog } from '../../events/event-log.ts'
import { readRelayState } from '../../events/collections.ts'
import { systemCaller } from '../../kit/caller.ts'
import { createLogger } from '../../kit/log.ts'
import { operator } from '../subgraphs/subgraph-under-test.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { type WebhookWorld, startWebhookWorld } from './webhook-world.ts'

let world: WebhookWorld
let receiver: Receiver
beforeAll(async () => {
  world = await startWebhookWorld()
  receiver = await startReceiver()
})
afterAll(async () => {
  await world?.[Symbol.asyncDispose]()
  await receiver?.[Symbol.asyncDispose]()
})
beforeEach(async () => {
  await world.deleteEndpoints()
  receiver.received.length = 0
  receiver.answer = () => 200
})

// A scope of the product's, so that the app has it.
const type = { name: 'loyalty.used', description: 'Used.', scope: 'deals:read', live: true }

async function declare(...types: readonly (typeof type)[]): Promise<void> {
  const { connection } = world.graph
  const log = createEventLog(connection, { log: createLogger('test', 'error'), now: () => world.graph.now() })
  await connection.transaction((session) => log.forSource('schemas').declared.declare(session, 'loyalty', types))
  await log.close()
}

let last = 0
async function hand(organizations: unknown = [world.caller.organizationId]): Promise<void> {
  const before = (await readRelayState(world.graph.connection)).position
  const time = world.graph.now().toISOString()
  const event = {
    id: `e${(last += 1)}`,
    type: 'loyalty.used',
    subject: 'loy_1',
    time,
    organizations,
    data: { of: last },
  }
  const { data, errors } = await world.graph.execute<{ recordSubgraphEvents: { faults: unknown[] } }>(
    systemCaller(['system:events']),
    `mutation ($body: String!) { recordSubgraphEvents(subgraph: "loyalty", body: $body) { recorded faults { code message } } }`,
    { body: JSON.stringify({ events: [event] }) },
  )
  expect(errors).toBeUndefined()
  expect(data.recordSubgraphEvents.faults).toEqual([])
  await expect.poll(async () => (await readRelayState(world.graph.connection)).position).toBe(before + 1)
}
const told = (): number[] =>
  receiver.received
    .map(({ body }) => JSON.parse(body) as { type: string; data: { of: number } })
    .filter((event) => event.type === 'loyalty.used')
    .map(({ data }) => data.of)

interface Shown {
  readonly webhookEndpoint: {
    readonly types: string[]
    readonly endedTypes: string[]
    readonly status: string
    readonly deliveries: { readonly nodes: { status: string; note: string | null }[] }
  }
}
async function show(id: string): Promise<Shown['webhookEndpoint']> {
  const { data } = await world.graph.execute<Shown>(
    world.caller,
    `query ($id: ID!) { webhookEndpoint(id: $id) { types endedTypes status deliveries { nodes { status note } } } }`,
    { id },
  )
  return data.webhookEndpoint
}

describe('an endpoint and the types that a subgraph declares', () => {
  it('is told those that it has chosen, and all that its app may read where it has chosen none', async () => {
    await declare(type)
    const url = `${receiver.url}/hooks`
    await world.createEndpoint({ url, types: ['loyalty.used'] })
    await world.createEndpoint({ url })
    await world.createEndpoint({ url, types: ['deal.won'] })
    const worker = world.worker({ byHand: true })
    await hand()
    await hand('EVERY')
    const { data } = await world.graph.execute<{ organizations: { nodes: { id: string }[] } }>(
      operator,
      '{ organizations(first: 5) { nodes { id } } }',
    )
    await hand(data.organizations.nodes.filter(({ id }) => id !== world.caller.organizationId).map(({ id }) => id))
    await worker.runDue()
    expect(told().toSorted((a, b) => a - b)).toEqual([1, 1, 2, 2])
    await worker.close()
  })

  it('waits when its type has ended, skips what waited, and goes on when it is declared anew', async () => {
    await declare(type)
    const { id } = await world.createEndpoint({ url: `${receiver.url}/hooks`, types: ['loyalty.used'] })
    const worker = world.worker({ byHand: true })
    receiver.answer = () => 500
    await hand()
    await worker.runDue()
    await hand()
    const [waiting, behind] = [last - 1, last]
    expect(told()).toEqual([waiting])
    await declare()
    receiver.answer = () => 200
    world.graph.advanceClock(10_000)
    await worker.runDue()
    expect(told()).toEqual([waiting])
    expect(await show(id)).toEqual({
      types: ['loyalty.used'],
      endedTypes: ['loyalty.used'],
      status: 'ENABLED',
      deliveries: { nodes: [{ status: 'SKIPPED', note: 'TYPE_ENDED' }] },
    })
    const again = await world.mutate<{ userErrors: { code: string; message: string }[] }>(
      'updateWebhookEndpoint',
      { id, types: ['loyalty.used'] },
      '',
    )
    expect(again.userErrors).toMatchObject([
      { code: 'UNKNOWN_EVENT_TYPE', message: expect.stringContaining('any more') },
    ])
    await declare(type)
    await hand()
    await worker.runDue()
    expect(told()).toEqual([waiting, last])
    expect(last).toBe(behind + 1)
    expect((await show(id)).endedTypes).toEqual([])
    await worker.close()
  })
})
