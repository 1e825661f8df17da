import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { nextAttempt, retryDelaysMs } from '../../subgraphs/partner/webhooks/delivery/schedule.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { verify } from './verify.ts'
import { type WebhookWorld, startWebhookWorld } from './webhook-world.ts'

const hour = 3_600_000
const now = new Date('2026-11-02T09:00:00Z')

describe('the schedule', () => {
  test('is the one that Standard Webhooks publishes', () => {
    const waits = Array.from({ length: 10 }, (_, tried) => {
      const next = nextAttempt(tried + 1, { now, retryAfter: null, random: () => 0 })
      return next && (next.getTime() - now.getTime()) / 1_000
    })
    expect(waits).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, null])
  })

  test('spreads what failed together', () => {
    const waits = [0, 0.5, 1].map(
      (random) => (nextAttempt(2, { now, retryAfter: null, random: () => random })?.getTime() ?? 0) - now.getTime(),
    )
    expect(waits).toEqual([300_000, 315_000, 330_000])
  })

  test.each([
    ['120', 120],
    [new Date(now.getTime() + 600_000).toUTCString(), 600],
    ['2', 5],
    ['-7', 5],
    ['tomorrow', 5],
    [new Date(now.getTime() - 600_000).toUTCString(), 5],
    ['9999999', 86_400],
  ])('is prolonged and never shortened by a wish to wait: %s', (retryAfter, seconds) => {
    const next = nextAttempt(1, { now, retryAfter, random: () => 0 })
    expect(next).toEqual(new Date(now.getTime() + seconds * 1_000))
  })
})

describe('an endpoint that takes nothing', () => {
  let world: WebhookWorld
  let receiver: Receiver
  beforeAll(async () => {
    world = await startWebhookWorld()
    receiver = await startReceiver()
  })
  beforeEach(() => {
    receiver.received.length = 0
    receiver.answer = () => 204
  })
  afterAll(async () => {
    await world[Symbol.asyncDispose]()
    await receiver[Symbol.asyncDispose]()
  })

  const stateOf = async (id: string) => {
    const { data } = await world.graph.execute<{
      webhookEndpoint: {
        status: string
        disabledReason: string | null
        failing: boolean
        nextAttemptAt: string | null
        deliveries: { nodes: { id: string; status: string; attempts: { status: number; at: string }[] }[] }
      }
    }>(
      world.caller,
      `query ($id: ID!) { webhookEndpoint(id: $id) { status disabledReason failing nextAttemptAt
        deliveries(first: 50) { nodes { id status attempts { status at } } } } }`,
      { id },
    )
    return data.webhookEndpoint
  }

  test('is tried over three days, with a rotation midway, then disabled, and gets all in order once enabled', async () => {
    const { id, secret: former } = await world.createEndpoint({ url: `${receiver.url}/schedule`, types: ['deal.won'] })
    const worker = world.worker({ byHand: true, random: () => 0 })
    receiver.answer = () => 500
    await world.append({ type: 'deal.won', data: { number: 1 } }, { type: 'deal.won', data: { number: 2 } })
    const begin = world.graph.now().getTime()
    let newer = former
    for (const [tried, delay] of [0, ...retryDelaysMs].entries()) {
      world.graph.advanceClock(delay)
      if (tried === 5) {
        const rotated = await world.mutate<{ secret: string }>(
          'rotateWebhookSecret',
          { id, overlapHours: 24 },
          'secret',
        )
        newer = rotated.secret
        expect(newer).not.toBe(former)
      }
      await worker.runDue()
      expect(receiver.received).toHaveLength(tried + 1)
      expect((await stateOf(id)).failing).toBe(true)
    }
    const [first] = receiver.received
    expect(new Set(receiver.received.map((message) => message.id))).toEqual(new Set([first?.id]))
    const waits = receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']) - begin / 1_000)
    expect(waits.at(-1)).toBeGreaterThan((75 * hour) / 1_000)
    // Before the rotation the former secret only, in the overlap both, after it the newer only.
    receiver.received.forEach((message, tried) => {
      const verifies = [former, newer].map((secret) => {
        try {
          return verify(message, secret).type === 'deal.won'
        } catch {
          return false
        }
      })
      const expected = tried < 5 ? [true, false] : tried < 7 ? [true, true] : [false, true]
      expect([tried, ...verifies]).toEqual([tried, ...expected])
    })
    const disabled = await stateOf(id)
    expect(disabled).toMatchObject({ status: 'DISABLED', disabledReason: 'RETRIES_EXHAUSTED', nextAttemptAt: null })
    expect(disabled.deliveries.nodes[0]?.attempts).toHaveLength(10)
    const mails = await world.graph.connection.collection('mail_queue').find({ kind: 'webhook-disabled' }).toArray()
    expect(mails.length).toBeGreaterThan(0)

    receiver.received.length = 0
    receiver.answer = () => 204
    await world.append({ type: 'deal.won', data: { number: 3 } })
    await worker.runDue()
    expect(receiver.received).toEqual([])
    await world.mutate('enableWebhookEndpoint', { id }, 'webhookEndpoint { id }')
    await worker.runDue()
    expect(receiver.received.map((message) => verify(message, newer).data['number'])).toEqual([1, 2, 3])
    expect(receiver.received[0]?.id).toBe(first?.id)
    expect(await stateOf(id)).toMatchObject({ status: 'ENABLED', failing: false, nextAttemptAt: null })
  })

  test('is tried at once at another address', async () => {
    const { id } = await world.createEndpoint({ url: `${receiver.url}/former`, types: ['deal.reopened'] })
    const worker = world.worker({ byHand: true })
    receiver.answer = ({ path }) => (path === '/former' ? 500 : 204)
    await world.append({ type: 'deal.reopened' })
    await worker.runDue()
    await world.mutate('updateWebhookEndpoint', { id, url: `${receiver.url}/latter` }, 'webhookEndpoint { id }')
    await worker.runDue()
    expect(receiver.received.map(({ path }) => path)).toEqual(['/former', '/latter'])
    expect(await stateOf(id)).toMatchObject({ failing: false, nextAttemptAt: null })
  })

  test('is given the time that it asks for', async () => {
    const { id } = await world.createEndpoint({ url: `${receiver.url}/wish`, types: ['deal.lost'] })
    const worker = world.worker({ byHand: true, random: () => 0 })
    receiver.answer = () => [503, { 'retry-after': '3600' }]
    await world.append({ type: 'deal.lost' })
    await worker.runDue()
    world.graph.advanceClock(hour - 60_000)
    await worker.runDue()
    expect(receiver.received).toHaveLength(1)
    world.graph.advanceClock(61_000)
    receiver.answer = () => 200
    await worker.runDue()
    expect(receiver.received).toHaveLength(2)
    expect((await stateOf(id)).deliveries.nodes[0]).toMatchObject({ status: 'DELIVERED' })
  })

  test('is disabled at once where it answers 410, and its event is kept', async () => {
    const { id } = await world.createEndpoint({ url: `${receiver.url}/gone`, types: ['deal.expired'] })
    const worker = world.worker({ byHand: true })
    receiver.answer = () => 410
    await world.append({ type: 'deal.expired' })
    await worker.runDue()
    expect(await stateOf(id)).toMatchObject({ status: 'DISABLED', disabledReason: 'GONE' })
    receiver.answer = () => 200
    await world.mutate('enableWebhookEndpoint', { id }, 'webhookEndpoint { id }')
    await worker.runDue()
    expect(receiver.received).toHaveLength(2)
  })

  test.each([
    ['a redirect', 302 as const],
    ['an error of the client', 404 as const],
    ['silence', 'silence' as const],
  ])('is tried again after %s', async (_, answer) => {
    const { id } = await world.createEndpoint({ url: `${receiver.url}/${answer}`, types: ['deal.withdrawn'] })
    const worker = world.worker({ byHand: true, timeoutMs: 200, random: () => 0 })
    receiver.answer = () => answer
    await world.append({ type: 'deal.withdrawn' })
    await worker.runDue()
    expect((await stateOf(id)).deliveries.nodes[0]?.attempts[0]?.status).toBe(answer === 'silence' ? null : answer)
    receiver.answer = () => 200
    world.graph.advanceClock(5_000)
    await worker.runDue()
    expect(receiver.received.filter(({ path }) => path === `/${answer}`)).toHaveLength(2)
    await world.mutate('deleteWebhookEndpoint', { id }, 'deletedId')
  })
})
