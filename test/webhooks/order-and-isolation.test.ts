import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createSlots } from '../../subgraphs/partner/webhooks/delivery/slots.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { verify } from './verify.ts'
import { type WebhookWorld, startWebhookWorld } from './webhook-world.ts'

let world: WebhookWorld
let receiver: Receiver
beforeAll(async () => {
  world = await startWebhookWorld()
  receiver = await startReceiver()
})
beforeEach(async () => {
  await world.deleteEndpoints()
  receiver.received.length = 0
  receiver.answer = () => 204
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
})

const isBad = (body: string): boolean => body.includes('"deal_bad"')
const numbered = (type: string, count: number, subjectOf: (place: number) => string = () => 'deal_1') =>
  Array.from({ length: count }, (_, place) => ({ type, subject: subjectOf(place), data: { number: place } }))

test('an endpoint in its own order gets every event after the one before it, whatever fails', async () => {
  const { secret } = await world.createEndpoint({ url: `${receiver.url}/strict`, types: ['deal.won'] })
  const worker = world.worker({ byHand: true, random: () => 0 })
  const refused = new Set<string>()
  receiver.answer = ({ id }) => {
    if (refused.has(id) || refused.size >= 3) return 204
    refused.add(id)
    return 500
  }
  await world.append(...numbered('deal.won', 60, (place) => `deal_${place}`))
  for (let round = 0; round < 4; round += 1) {
    await worker.runDue()
    world.graph.advanceClock(5_000)
  }
  const numbers = receiver.received.map((message) => Number(verify(message, secret).data['number']))
  expect(numbers.filter((number, place) => number !== numbers[place + 1])).toEqual(
    Array.from({ length: 60 }, (_, n) => n),
  )
  expect(numbers).toHaveLength(63)
})

test('an endpoint in the order of subjects has only the events of one subject wait for each other', async () => {
  const { secret } = await world.createEndpoint({
    url: `${receiver.url}/subjects`,
    types: ['deal.lost'],
    order: 'SUBJECT',
  })
  const worker = world.worker({ byHand: true, random: () => 0 })
  receiver.answer = ({ body }) => (isBad(body) ? 500 : 204)
  await world.append(...numbered('deal.lost', 40, (place) => (place % 4 === 0 ? 'deal_bad' : `deal_${place % 4}`)))
  await worker.runDue()
  const bad = receiver.received.filter(({ body }) => isBad(body))
  expect(bad).toHaveLength(1)
  expect(receiver.received).toHaveLength(31)
  receiver.answer = () => 204
  world.graph.advanceClock(5_000)
  await worker.runDue()
  const taken = receiver.received.slice(31).map((message) => Number(verify(message, secret).data['number']))
  expect(taken).toEqual([0, 4, 8, 12, 16, 20, 24, 28, 32, 36])
  for (const subject of ['deal_1', 'deal_2', 'deal_3']) {
    const numbers = receiver.received
      .filter(({ body }) => body.includes(`"${subject}"`))
      .map((message) => Number(verify(message, secret).data['number']))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  }
})

test('dead endpoints, more than there is room for, delay nobody', async () => {
  const dead = 6
  for (let place = 0; place < dead; place += 1) {
    await world.createEndpoint({ url: `${receiver.url}/dead`, types: ['deal.extended'] })
  }
  const { secret } = await world.createEndpoint({ url: `${receiver.url}/alive`, types: ['deal.extended'] })
  receiver.answer = ({ path }) => (path === '/dead' ? 'silence' : 204)
  // Less room than there are dead ones, and a time-out that the living one must not have to wait for.
  const worker = world.worker({ byHand: true, quickSlots: 2, slowSlots: 2, timeoutMs: 2_000 })
  await world.append(...numbered('deal.extended', 1))
  await worker.runDue()
  receiver.received.length = 0
  world.graph.advanceClock(6_000)
  await world.append(...numbered('deal.extended', 20))
  const all = worker.runDue()
  const alive = () => receiver.received.filter(({ path }) => path === '/alive')
  await expect.poll(() => alive().length, { timeout: 1_500, interval: 20 }).toBe(20)
  expect(alive().map((message) => verify(message, secret).data['number'])).toEqual(
    Array.from({ length: 20 }, (_, n) => n),
  )
  await all
})

test('room for quick turns is given back by a turn that takes long', async () => {
  const slots = createSlots({ quick: 1, slow: 1, slowAfterMs: 20 })
  const ends: (() => void)[] = []
  const long = () =>
    new Promise<void>((resolve) => {
      ends.push(resolve)
    })
  const first = slots.run('quick', long)
  expect(slots.run('quick', long)).toBeUndefined()
  await expect.poll(() => slots.free).toEqual({ quick: 1, slow: 0 })
  const second = slots.run('quick', long)
  expect(slots.run('slow', long)).toBeUndefined()
  for (const end of ends) end()
  await Promise.all([first, second])
  expect(slots.free).toEqual({ quick: 1, slow: 1 })
})
