import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type GraphAsker, type GraphQuestion, GraphUnreachable } from '../../kit/ask-graph.ts'
import { createEventLog } from '../../events/event-log.ts'
import { createEventCursors } from '../../kit/event-cursor.ts'
import { createLogger } from '../../kit/log.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { type SubgraphResult, createSubgraphService } from '../../kit/subgraph-service.ts'
import { eventsSubgraph } from '../../subgraphs/events/subgraph.ts'
import { callerOf, operator, testSecret } from '../subgraphs/subgraph-under-test.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { verify } from './verify.ts'
import { type WebhookWorld, startWebhookWorld } from './webhook-world.ts'

interface Refused {
  readonly userErrors: readonly { readonly code: string; readonly field: readonly string[]; readonly message: string }[]
}

let world: WebhookWorld
let receiver: Receiver
/** What the graph was asked, in whose name, and what it answers. */
const asked: (GraphQuestion & { readonly appId: string })[] = []
let answer: () => Promise<SubgraphResult> = () => Promise.resolve({ data: {} })
const graph: GraphAsker = {
  askAs(appId, question) {
    asked.push({ appId, ...question })
    return answer()
  },
}

beforeAll(async () => {
  world = await startWebhookWorld({ graph })
  receiver = await startReceiver()
})
beforeEach(async () => {
  await world.deleteEndpoints()
  receiver.received.length = 0
  asked.length = 0
  receiver.answer = () => 204
  answer = () => Promise.resolve({ data: {} })
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
})

const refusalOf = async (name: string, input: object, caller = world.caller) =>
  (await world.mutate<Refused>(name, input, '__typename', caller)).userErrors[0]
const create = (input: object) => refusalOf('createWebhookEndpoint', { url: `${receiver.url}/`, ...input })

describe('an endpoint', () => {
  test.each([
    'http://partner.example/',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://0x0a000001/',
    'https://[::ffff:10.0.0.1]/',
    'https://user@partner.example/',
    'ftp://partner.example/',
    'no url',
  ])('is not made for %s', async (url) => {
    const refusal = await create({ url })
    // Names are looked up where a network is allowed, as here, so that what is no address is refused when it is called.
    if (url !== 'http://partner.example/')
      expect(refusal).toMatchObject({ code: 'FORBIDDEN_URL', field: ['input', 'url'] })
    else expect(refusal).toBeUndefined()
  })

  test('that leads inside is not called, and its owner is told so and no more', async () => {
    const { id } = await world.createEndpoint({ url: 'http://localhost.partner.example/', types: ['deal.won'] })
    await world.graph.connection
      .collection<{ _id: string }>('partner_webhook_endpoints')
      .updateOne({ _id: id }, { $set: { url: 'http://10.0.0.1/secret' } })
    await world.append({ type: 'deal.won' })
    await world.worker({ byHand: true }).runDue()
    const { data } = await world.graph.execute<{ webhookEndpoint: { deliveries: { nodes: object[] } } }>(
      world.caller,
      'query ($id: ID!) { webhookEndpoint(id: $id) { deliveries { nodes { attempts { status error response } } } } }',
      { id },
    )
    expect(data.webhookEndpoint.deliveries.nodes).toEqual([
      { attempts: [{ status: null, error: 'ADDRESS_FORBIDDEN', response: '' }] },
    ])
  })

  test('is made for types that the app may read only, and ten at most', async () => {
    expect(await create({ types: ['no.such'] })).toMatchObject({ code: 'UNKNOWN_EVENT_TYPE' })
    const foreign = callerOf('nobody')
    expect(await refusalOf('createWebhookEndpoint', { url: receiver.url, appId: world.appId }, foreign)).toMatchObject({
      code: 'NOT_FOUND',
    })
    for (let place = 0; place < 10; place += 1) await world.createEndpoint({ url: receiver.url })
    expect(await create({})).toMatchObject({ code: 'TOO_MANY' })
  })

  test('is made and aimed only by who holds all that its app may read', async () => {
    const { organizationId, appId } = world.caller
    const weak = callerOf('weak', { organizationId, scopes: ['webhooks:read', 'webhooks:write'] })
    const stolen = { url: `${receiver.url}/stolen`, appId, selection: '{ invoices { nodes { number } } }' }
    expect(await refusalOf('createWebhookEndpoint', stolen, weak)).toMatchObject({ code: 'SCOPE_NOT_HELD' })
    const { id } = await world.createEndpoint({ url: receiver.url })
    for (const change of [{ url: stolen.url }, { selection: stolen.selection }, { types: [] }]) {
      const refusal = await refusalOf('updateWebhookEndpoint', { id, ...change }, weak)
      expect(refusal).toMatchObject({ code: 'SCOPE_NOT_HELD' })
    }
    expect(await refusalOf('updateWebhookEndpoint', { id, description: 'Orders' }, weak)).toBeUndefined()
    expect(await refusalOf('disableWebhookEndpoint', { id }, weak)).toBeUndefined()
  })

  test('is its organization’s alone', async () => {
    const { id } = await world.createEndpoint({ url: `${receiver.url}/mine`, types: ['deal.won'] })
    await world.append({ type: 'deal.won' })
    await world.worker({ byHand: true }).runDue()
    const read = `query ($id: ID!) { webhookEndpoint(id: $id) { id } webhookEndpoints { nodes { id } }
      }`
    const stranger = callerOf('stranger')
    const seen = await world.graph.execute(stranger, read, { id })
    expect(seen.data).toEqual({ webhookEndpoint: null, webhookEndpoints: { nodes: [] } })
    const { data } = await world.graph.execute<{ webhookEndpoint: { deliveries: { nodes: { id: string }[] } } }>(
      operator,
      'query ($id: ID!) { webhookEndpoint(id: $id) { deliveries { nodes { id } } } }',
      { id },
    )
    const deliveryId = data.webhookEndpoint.deliveries.nodes[0]?.id
    expect(deliveryId).toMatch(/^whd_/)
    const delivery = await world.graph.execute(stranger, 'query ($id: ID!) { webhookDelivery(id: $id) { id } }', {
      id: deliveryId,
    })
    expect(delivery.data).toEqual({ webhookDelivery: null })
    for (const name of [
      'rotateWebhookSecret',
      'disableWebhookEndpoint',
      'deleteWebhookEndpoint',
      'testWebhookEndpoint',
    ]) {
      expect(await refusalOf(name, { id }, stranger)).toMatchObject({ code: 'NOT_FOUND' })
    }
    expect(await refusalOf('resendWebhookDelivery', { id: deliveryId }, stranger)).toMatchObject({ code: 'NOT_FOUND' })
    expect(
      (
        await world.graph.execute(
          callerOf('stranger', { scopes: ['webhooks:read'] }),
          `mutation { deleteWebhookEndpoint(input: { id: "${id}" }) { deletedId } }`,
        )
      ).errors?.[0]?.extensions?.['code'],
    ).toBe('FORBIDDEN')
  })

  test('gets what its organization may learn of, and nothing of another one', async () => {
    await world.createEndpoint({ url: `${receiver.url}/all` })
    await world.append(
      { type: 'deal.won', subject: 'mine' },
      { type: 'deal.won', subject: 'another', audience: ['org_another'] },
      { type: 'inventory.adjusted', subject: 'everyone', audience: [] },
      { type: 'audit.kept_inside', subject: 'inside' },
    )
    await world.worker({ byHand: true }).runDue()
    const subjects = receiver.received.map(({ body }) => (JSON.parse(body) as { subject: string }).subject)
    expect(subjects.filter((subject) => !subject.startsWith('whe_'))).toEqual(['mine', 'everyone'])
  })

  test('tells how many units there are only while the tier of its organization says so', async () => {
    await world.createEndpoint({ url: `${receiver.url}/units`, types: ['inventory.adjusted'] })
    const worker = world.worker({ byHand: true })
    const organizations = world.graph.connection.collection<{ _id: string; tierId: string | null }>(
      'partner_organizations',
    )
    const own = { _id: world.caller.organizationId }
    const before = await organizations.findOne(own)
    const adjusted = { type: 'inventory.adjusted', audience: [], data: { skuId: 'sku_1', delta: -3 } }
    await world.append(adjusted)
    await worker.runDue()
    await organizations.updateOne(own, { $set: { tierId: null } })
    await world.append(adjusted)
    await worker.runDue()
    await organizations.updateOne(own, { $set: { tierId: before?.tierId ?? null } })
    const told = receiver.received.map(({ body }) => (JSON.parse(body) as { data: object }).data)
    expect(told).toEqual([{ skuId: 'sku_1', delta: -3 }, { skuId: 'sku_1' }])
  })

  test('tells no more of what its app has lost the permission for, and is disabled with its app', async () => {
    const { id } = await world.createEndpoint({
      url: `${receiver.url}/lost`,
      types: ['deal.won', 'inventory.adjusted'],
    })
    const worker = world.worker({ byHand: true, random: () => 0 })
    receiver.answer = () => 500
    await world.append({ type: 'deal.won' })
    await worker.runDue()
    const apps = world.graph.connection.collection<{ _id: string; scopes: string[] }>('partner_apps')
    const app = await apps.findOne({ _id: world.appId })
    const without = app?.scopes.filter((scope) => scope !== 'deals:read')
    await apps.updateOne({ _id: world.appId }, { $set: { scopes: without ?? [] } })
    receiver.received.length = 0
    receiver.answer = () => 204
    world.graph.advanceClock(10_000)
    await world.append({ type: 'deal.won' }, { type: 'inventory.adjusted' })
    await worker.runDue()
    expect(receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual([
      'inventory.adjusted',
    ])
    await apps.updateOne({ _id: world.appId }, { $set: { scopes: app?.scopes ?? [], status: 'REVOKED' } })
    await world.append({ type: 'deal.won' })
    await worker.runDue()
    const { data } = await world.graph.execute(
      world.caller,
      'query ($id: ID!) { webhookEndpoint(id: $id) { status disabledReason } }',
      { id },
    )
    expect(data).toEqual({ webhookEndpoint: { status: 'DISABLED', disabledReason: 'APP_REVOKED' } })
    const late = await world.mutate<{ webhookDelivery: { id: string } }>(
      'testWebhookEndpoint',
      { id },
      'webhookDelivery { id }',
    )
    await worker.runDue()
    const skipped = await world.graph.execute(
      world.caller,
      'query ($id: ID!) { webhookDelivery(id: $id) { status note } }',
      { id: late.webhookDelivery.id },
    )
    expect(skipped.data).toEqual({ webhookDelivery: { status: 'SKIPPED', note: 'APP_REVOKED' } })
    await apps.updateOne({ _id: world.appId }, { $set: { status: 'ACTIVE' } })
    expect(receiver.received).toHaveLength(1)
  })
})

describe('a message', () => {
  test('is sent once more with its id, and as a test, also while the endpoint is disabled', async () => {
    const { id, secret } = await world.createEndpoint({ url: `${receiver.url}/again`, types: ['deal.won'] })
    const worker = world.worker({ byHand: true })
    await world.append({ type: 'deal.won' })
    await worker.runDue()
    const { data } = await world.graph.execute<{ webhookEndpoint: { deliveries: { nodes: { id: string }[] } } }>(
      world.caller,
      'query ($id: ID!) { webhookEndpoint(id: $id) { deliveries { nodes { id } } } }',
      { id },
    )
    await world.mutate('disableWebhookEndpoint', { id }, 'webhookEndpoint { id }')
    receiver.answer = () => 500
    await world.mutate(
      'resendWebhookDelivery',
      { id: data.webhookEndpoint.deliveries.nodes[0]?.id },
      'webhookDelivery { id }',
    )
    const sent = await world.mutate<{ webhookDelivery: { id: string } }>(
      'testWebhookEndpoint',
      { id },
      'webhookDelivery { id }',
    )
    await worker.runDue()
    world.graph.advanceClock(3_600_000)
    await worker.runDue()
    expect(receiver.received).toHaveLength(3)
    expect(receiver.received.filter((message) => message.id === receiver.received[0]?.id)).toHaveLength(2)
    expect(receiver.received.map((message) => verify(message, secret).type)).toContain('webhook_endpoint.test')
    const tested = await world.graph.execute(
      world.caller,
      'query ($id: ID!) { webhookDelivery(id: $id) { status cause attempts { status response } } }',
      { id: sent.webhookDelivery.id },
    )
    expect(tested.data).toEqual({
      webhookDelivery: { status: 'FAILED', cause: 'TEST', attempts: [{ status: 500, response: 'taken' }] },
    })
  })

  test('comes again from a cursor at which a poll has ended, with nothing lost in between', async () => {
    await using polled = await pollOf(world)
    const { id, secret } = await world.createEndpoint({
      url: `${receiver.url}/replay`,
      types: ['deal.won', 'deal.lost'],
    })
    const start = await polled.newest()
    await world.append(
      ...Array.from({ length: 30 }, (_, number) => ({ type: number % 3 ? 'deal.won' : 'deal.lost', data: { number } })),
    )
    const worker = world.worker({ byHand: true, random: () => 0 })
    receiver.answer = () => 500
    await worker.runDue()
    const first = await polled.page(start, 11)
    await world.mutate('replayWebhookEvents', { id, after: first.endCursor }, 'webhookEndpoint { id }')
    receiver.received.length = 0
    receiver.answer = () => 204
    await worker.runDue()
    const webhookIds = receiver.received.map((message) => verify(message, secret).id)
    expect([...first.ids, ...webhookIds]).toEqual((await polled.page(start, 250)).ids)
    // And back: a message holds the cursor that a poll goes on after.
    const last = receiver.received.map((message) => verify(message, secret).cursor)[4]
    const rest = await polled.page(last ?? '', 250)
    expect([...first.ids, ...webhookIds.slice(0, 5), ...rest.ids]).toEqual((await polled.page(start, 250)).ids)
    const foreign = createEventCursors(Buffer.alloc(32)).encode(1)
    expect(await refusalOf('replayWebhookEvents', { id, after: foreign })).toMatchObject({ code: 'INVALID_CURSOR' })
  })
})

describe('a selection', () => {
  const selection = 'query ($subject: ID!, $state: String) { dealRegistration(id: $subject) { id state } }'

  test('is reckoned by the graph as the app when it is given, and refused with its words', async () => {
    await world.createEndpoint({ url: receiver.url, selection })
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({ appId: world.appId, variables: { subject: 'none', state: 'none' } })
    expect(asked[0]?.query).toContain('rateLimit(dryRun: true)')
    answer = () => Promise.resolve({ errors: [{ message: 'Cannot query field "x".' }] })
    expect(await create({ selection })).toMatchObject({
      code: 'INVALID_SELECTION',
      message: expect.stringContaining('"x"'),
    })
    const log = '{ auditLog(first: 1, filter: { action: "createWebhookEndpoint" }) { nodes { outcome codes } } }'
    const { data } = await world.graph.execute<{ auditLog: { nodes: object[] } }>(operator, log)
    expect(data.auditLog.nodes).toEqual([{ outcome: 'REFUSED', codes: ['INVALID_SELECTION'] }])
    answer = () => Promise.reject(new GraphUnreachable('none'))
    expect(await create({ selection })).toMatchObject({ code: 'SELECTION_UNAVAILABLE' })
  })

  test('is taken on a plan of published documents when it is one of them', async () => {
    answer = () =>
      Promise.resolve({ errors: [{ message: 'Publish it.', extensions: { code: 'TRUSTED_DOCUMENT_REQUIRED' } }] })
    expect(await create({ selection })).toMatchObject({ code: 'INVALID_SELECTION' })
    await world.mutate('publishTrustedDocuments', { appId: world.appId, documents: [selection] }, '__typename')
    expect(await create({ selection })).toBeUndefined()
    expect(await create({ selection: `${selection} # other` })).toMatchObject({ code: 'INVALID_SELECTION' })
  })

  test.each([
    'mutation { createPlan { id } }',
    'subscription { inventoryChanged { id } }',
    'query A { a } query B { b }',
    '{ unbalanced ',
    'fragment F on Query { a }',
    'query ($filter: DealFilter) { deals(filter: $filter) { id } }',
  ])('is not taken when it is %s', async (text) => {
    expect(await create({ selection: text })).toMatchObject({
      code: 'INVALID_SELECTION',
      field: ['input', 'selection'],
    })
    expect(asked).toEqual([])
  })

  test('is answered anew for each attempt, with what the event holds', async () => {
    const { secret } = await world.createEndpoint({ url: `${receiver.url}/graph`, types: ['deal.won'], selection })
    asked.length = 0
    answer = () => Promise.resolve({ data: { dealRegistration: { id: 'deal_7', state: 'WON' } } })
    await world.append({ type: 'deal.won', subject: 'deal_7', data: { state: 'WON', organizationId: 'org_1' } })
    await world.worker({ byHand: true }).runDue()
    expect(asked).toEqual([
      expect.objectContaining({ appId: world.appId, query: selection, variables: { subject: 'deal_7', state: 'WON' } }),
    ])
    expect(verify(receiver.received[0], secret).data).toEqual({
      state: 'WON',
      organizationId: 'org_1',
      graph: { data: { dealRegistration: { id: 'deal_7', state: 'WON' } } },
    })
  })

  test('leaves out what makes a message larger than 20 kB', async () => {
    const { secret } = await world.createEndpoint({ url: `${receiver.url}/large`, types: ['deal.won'], selection })
    answer = () => Promise.resolve({ data: { dealRegistration: { note: 'é'.repeat(10_000) } } })
    await world.append({ type: 'deal.won', data: { state: 'WON' } })
    await world.worker({ byHand: true }).runDue()
    expect(verify(receiver.received[0], secret).data).toEqual({ state: 'WON', graph: { omitted: 'TOO_LARGE' } })
  })

  test('waits without an attempt while the app is throttled or no gateway answers', async () => {
    const { id } = await world.createEndpoint({ url: `${receiver.url}/throttled`, types: ['deal.won'], selection })
    const worker = world.worker({ byHand: true })
    answer = () =>
      Promise.resolve({ errors: [{ message: 'later', extensions: { code: 'THROTTLED', retryAfter: 30 } }] })
    await world.append({ type: 'deal.won' })
    await worker.runDue()
    const { data } = await world.graph.execute(
      world.caller,
      'query ($id: ID!) { webhookEndpoint(id: $id) { failing deliveries { nodes { status note attempts { at } } } } }',
      { id },
    )
    expect(data).toEqual({
      webhookEndpoint: {
        failing: false,
        deliveries: { nodes: [{ status: 'PENDING', note: 'THROTTLED', attempts: [] }] },
      },
    })
    answer = () => Promise.reject(new GraphUnreachable('none'))
    world.graph.advanceClock(30_000)
    await worker.runDue()
    expect(receiver.received).toEqual([])
    answer = () => Promise.resolve({ data: {} })
    world.graph.advanceClock(10_000)
    await worker.runDue()
    expect(receiver.received).toHaveLength(1)
  })

  test('that the graph refuses is told in the message, which would wait for ever', async () => {
    const { secret } = await world.createEndpoint({ url: `${receiver.url}/refused`, types: ['deal.won'], selection })
    answer = () => Promise.resolve({ errors: [{ message: 'No more today.', extensions: { code: 'QUOTA_EXCEEDED' } }] })
    await world.append({ type: 'deal.won' })
    await world.worker({ byHand: true }).runDue()
    expect(verify(receiver.received[0], secret).data).toEqual({
      graph: { data: null, errors: [{ message: 'No more today.', code: 'QUOTA_EXCEEDED' }] },
    })
  })
})

test('two workers that hear of events share them and send each once', async () => {
  const { secret } = await world.createEndpoint({ url: `${receiver.url}/live`, types: ['deal.won'] })
  world.worker()
  world.worker()
  await world.append(...Array.from({ length: 40 }, (_, number) => ({ type: 'deal.won', data: { number } })))
  await expect.poll(() => receiver.received.length).toBe(40)
  await world.append(
    ...Array.from({ length: 10 }, (_, number) => ({ type: 'deal.won', data: { number: 40 + number } })),
  )
  await expect.poll(() => receiver.received.length).toBe(50)
  const numbers = receiver.received.map((message) => verify(message, secret).data['number'])
  expect(numbers).toEqual(Array.from({ length: 50 }, (_, number) => number))
})

const now = (): Date => new Date()

/** The poll over the same log, as its subgraph has it. */
async function pollOf({ graph: { connection }, caller }: WebhookWorld) {
  const log = createLogger('test', 'error')
  const eventLog = createEventLog(connection, { log, now })
  const service = await createSubgraphService(eventsSubgraph, {
    connection,
    events: eventLog.forSource('events'),
    log,
    now,
    secretFor: (purpose) => deriveSecret(testSecret, purpose),
  })
  const ask = async (query: string, variables: Record<string, unknown> = {}) => {
    const { data, errors } = await service.execute({ query, variables, caller, requestId: 'test' })
    if (errors) throw new Error(JSON.stringify(errors))
    return data as never
  }
  return {
    async newest(): Promise<string> {
      const { eventLog: bounds }: { eventLog: { newest: string } } = await ask('{ eventLog { newest } }')
      return bounds.newest
    },
    async page(after: string, first: number): Promise<{ ids: string[]; endCursor: string }> {
      const { events }: { events: { nodes: { id: string }[]; pageInfo: { endCursor: string } } } = await ask(
        `query ($after: String, $first: Int) { events(after: $after, first: $first, types: ["deal.won", "deal.lost"]) {
          nodes { id } pageInfo { endCursor } } }`,
        { after, first },
      )
      return { ids: events.nodes.map(({ id }) => id), endCursor: events.pageInfo.endCursor }
    },
    [Symbol.asyncDispose]: () => eventLog.close(),
  }
}
