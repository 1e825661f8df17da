import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Receiver, startReceiver } from './receiver.ts'
import { type WebhookWorld, startWebhookWorld } from './webhook-world.ts'

let world: WebhookWorld
let receiver: Receiver
beforeAll(async () => {
  world = await startWebhookWorld()
  receiver = await startReceiver()
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
})

test('an event is posted as a CloudEvent that the reference library finds rightly signed', async () => {
  const { id, secret } = await world.createEndpoint({ url: `${receiver.url}/first`, types: ['deal.won'] })
  await world.append({ type: 'deal.won', subject: 'deal_9', data: { state: 'WON' } }, { type: 'deal.lost' })
  await world.worker({ byHand: true }).runDue()
  const [message] = receiver.received.filter(({ path }) => path === '/first')
  expect(receiver.received).toHaveLength(1)
  const body = new Webhook(secret).verify(message?.body ?? '', message?.headers ?? {})
  expect(body).toMatchObject({
    specversion: '1.0',
    id: message?.id,
    type: 'deal.won',
    subject: 'deal_9',
    source: '/deals',
    data: { state: 'WON' },
    cursor: expect.stringMatching(/^evc_/),
  })
  const { data } = await world.graph.execute<{ webhookEndpoint: object }>(
    world.caller,
    `query ($id: ID!) { webhookEndpoint(id: $id) { status failing nextAttemptAt deliveries { totalCount nodes {
      eventId cause status attempts { status error response } } } } }`,
    { id },
  )
  expect(data.webhookEndpoint).toEqual({
    status: 'ENABLED',
    failing: false,
    nextAttemptAt: null,
    deliveries: {
      totalCount: 1,
      nodes: [
        {
          eventId: message?.id,
          cause: 'EVENT',
          status: 'DELIVERED',
          attempts: [{ status: 204, error: null, response: '' }],
        },
      ],
    },
  })
})
