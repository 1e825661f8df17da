import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Receiver, startReceiver } from '../webhooks/receiver.ts'
import { verify } from '../webhooks/verify.ts'
import { authHeaders, call } from './call.ts'
import { type HandInAnswer, handIn, signHandIn } from './hand-in.ts'
import { type Product, seededDataDir, startProduct } from './product.ts'
import { changeGraph, signingKeyOf } from './third-party-subgraph.ts'

let dataDir: string
let product: Product
let receiver: Receiver
let key: string
let northwind: string
let contoso: string
beforeAll(async () => {
  dataDir = await seededDataDir()
  receiver = await startReceiver()
  product = await startProduct('one process', { dataDir, env: { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.1/32' } })
  key = await signingKeyOf(product, 'loyalty')
  northwind = (await call(product, product.portal, '{ myOrganization { id } }')).data.myOrganization.id
  const { data } = await call(product, product.operator, '{ organizations(first: 5) { nodes { id } } }')
  contoso = data.organizations.nodes.find(({ id }: { id: string }) => id !== northwind).id
}, 180_000)
afterAll(async () => {
  await product?.[Symbol.asyncDispose]()
  await receiver?.[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
})

const sdl = (...types: readonly string[]) => `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@authenticated"])
  @scope(name: "loyalty:read", description: "See your points")
  ${types.map((type) => `@eventType(name: "${type}", description: "Points were awarded.", scope: "loyalty:read")`).join('\n  ')}
directive @scope(name: String!, description: String!) repeatable on SCHEMA
directive @eventType(name: String!, description: String!, scope: String!) repeatable on SCHEMA
directive @tenancy(reference: Boolean) on OBJECT
"A partner."
type Organization @key(fields: "id") @tenancy(reference: true) @authenticated {
  "Its id."
  id: ID!
  "What it has earned."
  points: Int
}`
const url = 'http://127.0.0.1:9/graphql'
const publish = (...types: readonly string[]) =>
  changeGraph(product, 'publishSubgraph', { subgraph: 'loyalty', url, sdl: sdl(...types) })

async function mutate(name: string, input: object, fields = ''): Promise<Record<string, unknown>> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
  const mutation = `mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} userErrors { code message } } }`
  const { data, errors } = await call(product, product.operator, mutation, { input })
  if (errors) throw new Error(JSON.stringify(errors))
  expect(data[name].userErrors).toEqual([])
  return data[name] as Record<string, unknown>
}

const award = (id: string, points: number, more: object = {}) => ({
  id,
  type: 'loyalty.points_awarded',
  subject: 'loy_northwind',
  time: new Date(Date.now() - 1_000 * points).toISOString(),
  organizations: [northwind],
  data: { organizationId: northwind, points },
  ...more,
})
const hand = (...events: readonly object[]): Promise<HandInAnswer> =>
  handIn(product.url, { subgraph: 'loyalty', key, events })

interface Polled {
  readonly nodes: {
    id: string
    source: string
    type: string
    subject: string
    cursor: string
    data: { points: number }
  }[]
  readonly codes: unknown[] | undefined
  readonly message: string | undefined
}
async function poll(
  by = product.portal,
  types: readonly string[] | null = ['loyalty.points_awarded'],
): Promise<Polled> {
  const { data, errors } = await call(
    product,
    by,
    'query ($types: [String!]) { events(first: 250, types: $types) { nodes { id source type subject cursor data } } }',
    { types },
  )
  const codes = errors?.map(({ extensions }) => extensions['code'])
  return { nodes: data?.events?.nodes ?? [], codes, message: errors?.[0]?.message }
}
const pointsOf = ({ nodes }: Polled): number[] => nodes.map(({ data }) => data.points)

const streamOf = (from: Product, by: Product['portal'], body: object): Promise<Response> =>
  fetch(`${from.url}/graphql/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...authHeaders(by) },
    body: JSON.stringify(body),
  })

/** Reads an event stream until `isLast` says so of an event's data. */
async function readEvents(
  { body }: Response,
  isLast: (data: { readonly eventRecorded: { readonly id: string } }) => boolean,
): Promise<void> {
  let text = ''
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString('utf8')
    const [rest = '', ...parts] = text.split('\n\n').toReversed()
    text = rest
    for (const part of parts.toReversed()) {
      const [, json] = /^data: (.+)$/m.exec(part) ?? []
      if (json !== undefined && isLast((JSON.parse(json) as { data: never }).data)) return
    }
  }
}

describe('events of a subgraph of another team', { timeout: 120_000 }, () => {
  let secret: string

  it('have types once it declares them, which are told to those who may read them', async () => {
    const types = async (by: Product['portal']): Promise<unknown> =>
      (await call(product, by, '{ eventTypes { name description scope subgraph } }')).data.eventTypes.filter(
        ({ subgraph }: { subgraph: string | null }) => subgraph !== null,
      )
    expect(await types(product.operator)).toEqual([])
    expect((await publish('loyalty.points_awarded')).userErrors).toEqual([])
    expect(await types(product.portal)).toEqual([])
    expect((await poll()).codes).toEqual(['FORBIDDEN'])
    await expect
      .poll(async () => (await call(product, product.operator, '{ declaredScopes { nodes { name } } }')).data)
      .toEqual({ declaredScopes: { nodes: [{ name: 'loyalty:read' }] } })
    await mutate('offerScope', { scope: 'loyalty:read', everyPartner: true })
    const { data } = await call(product, product.operator, 'query ($id: ID!) { app(id: $id) { scopes } }', {
      id: product.portal.appId,
    })
    await mutate('updateApp', { id: product.portal.appId, scopes: [...data.app.scopes, 'loyalty:read'] })
    const declared = { name: 'loyalty.points_awarded', description: 'Points were awarded.' }
    await expect
      .poll(() => types(product.portal))
      .toEqual([{ ...declared, scope: 'loyalty:read', subgraph: 'loyalty' }])
  })

  it('reach polls and webhooks in the order in which they were handed in, each once, and nobody else', async () => {
    const made = await call(
      product,
      product.portal,
      `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) {
        secret webhookEndpoint { types endedTypes } userErrors { code message } } }`,
      { input: { url: `${receiver.url}/hooks`, types: ['loyalty.points_awarded'] } },
    )
    expect(made.data.createWebhookEndpoint.userErrors).toEqual([])
    secret = made.data.createWebhookEndpoint.secret
    expect(await hand(award('a', 3), award('b', 1))).toEqual({ status: 200, body: { recorded: 2, repeated: 0 } })
    expect(await hand(award('c', 2), award('other', 9, { organizations: [contoso] }))).toMatchObject({ status: 200 })
    await expect.poll(async () => pointsOf(await poll())).toEqual([3, 1, 2])
    const { nodes } = await poll()
    expect(nodes[0]).toMatchObject({ source: '/loyalty', subject: 'loy_northwind', id: expect.stringMatching(/^evt_/) })
    await expect.poll(() => receiver.received.length).toBe(3)
    const bodies = receiver.received.map((request) => verify(request, secret))
    expect(bodies.map(({ data, id }) => [data['points'], id])).toEqual(nodes.map(({ data, id }) => [data.points, id]))
    // Those of the platform company are told all that has happened, once they may read the type.
    expect((await poll(product.stockFeed)).codes).toEqual(['FORBIDDEN'])
  })

  it('are streamed after a cursor and live, in the same order and with the same ids', async () => {
    const { nodes } = await poll()
    const document = `subscription ($after: String) {
      eventRecorded(types: ["loyalty.points_awarded"], after: $after) { id cursor data } }`
    const refused = await streamOf(product, product.stockFeed, { query: document })
    expect(await refused.text()).toContain('FORBIDDEN')
    const stream = await streamOf(product, product.portal, { query: document, variables: { after: nodes[0]?.cursor } })
    const told: unknown[] = []
    const reading = readEvents(stream, (event) => told.push(event.eventRecorded.id) === 3)
    await expect.poll(() => told).toEqual(nodes.slice(1).map(({ id }) => id))
    expect((await hand(award('live', 0))).status).toBe(200)
    await reading
    expect(told).toEqual((await poll()).nodes.slice(1).map(({ id }) => id))
  })

  it('are recorded once, however often and by however many at once they are handed in', async () => {
    const one = award('twice', 7)
    const answers = await Promise.all(Array.from({ length: 8 }, () => hand(one)))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200))
    expect(answers.filter(({ body }) => body.recorded === 1)).toHaveLength(1)
    expect(await hand(award('a', 3, { time: one.time }))).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'EVENT_ID_REUSED', event: 0, field: 'id' } }] },
    })
    expect(await hand(one, award('d', 4))).toEqual({ status: 200, body: { recorded: 1, repeated: 1 } })
    await expect.poll(async () => pointsOf(await poll())).toEqual([3, 1, 2, 0, 7, 4])
    await expect.poll(() => receiver.received.length).toBe(6)
  })

  it.each([
    ['a type that nobody declares', { type: 'loyalty.points_spent' }, 'TYPE_NOT_DECLARED', 'type'],
    ['a type of the product', { type: 'deal.approved' }, 'TYPE_NOT_DECLARED', 'type'],
    ['an organization that is none', { organizations: ['org_nobody'] }, 'ORGANIZATION_UNKNOWN', 'organizations'],
    ['no organization', { organizations: [] }, 'INVALID_EVENT', 'organizations'],
    ['the source of another', { source: '/deals' }, 'INVALID_EVENT', 'source'],
    ['a time to come', { time: '2999-01-01T00:00:00Z' }, 'INVALID_EVENT', 'time'],
    ['a document as data', { data: { of: { points: 1 } } }, 'INVALID_EVENT', 'data.of'],
    ['a large text', { data: { text: 'x'.repeat(9_000) } }, 'EVENT_TOO_LARGE', 'data'],
    ['an attribute that events have not', { position: 1 }, 'INVALID_EVENT', 'position'],
  ])('are refused with %s, and none of their batch is recorded', async (_, wrong, code, field) => {
    const { status, body } = await hand(award('good', 5), award('bad', 6, wrong))
    expect([status, body.errors?.[0]?.extensions]).toEqual([400, { code, event: 1, field }])
    expect(pointsOf(await poll())).toEqual([3, 1, 2, 0, 7, 4])
  })

  it('are refused when another has signed them, or nobody, or long ago, or when they are too many or too large', async () => {
    const body = JSON.stringify({ events: [award('forged', 5)] })
    const post = async (headers: Record<string, string>, text = body) =>
      (
        await fetch(`${product.url}/events`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: text,
        })
      ).status
    const rewards = await signingKeyOf(product, 'rewards')
    expect(await post({})).toBe(401)
    expect(await post(signHandIn('loyalty', rewards, body))).toBe(401)
    expect(await post(signHandIn('loyalty', key, body, Date.now() - 60_000))).toBe(401)
    expect(await post(signHandIn('loyalty', key, body), body.replace('"points":5', '"points":6'))).toBe(401)
    expect(await post(signHandIn('Loyalty ', key, body))).toBe(401)
    const theirs = await handIn(product.url, { subgraph: 'rewards', key: rewards, events: [award('theirs', 5)] })
    expect(theirs.body.errors?.[0]?.extensions['code']).toBe('TYPE_NOT_DECLARED')
    const many = await hand(...Array.from({ length: 101 }, (_, place) => award(`m${place}`, 5)))
    expect(many.body.errors?.[0]?.extensions['code']).toBe('INVALID_BODY')
    const large = JSON.stringify({ events: [award('large', 5, { data: { text: 'x'.repeat(1_000_000) } })] })
    expect(await post(signHandIn('loyalty', key, large), large)).toBe(413)
    expect(pointsOf(await poll())).toEqual([3, 1, 2, 0, 7, 4])
  })

  it('end with the declaration of their type, which an endpoint that has chosen it shows', async () => {
    expect((await publish('loyalty.tier_reached')).userErrors).toEqual([])
    expect((await hand(award('late', 8))).body.errors?.[0]?.extensions['code']).toBe('TYPE_NOT_DECLARED')
    const gone = await poll()
    expect([gone.codes, gone.message]).toEqual([['BAD_USER_INPUT'], expect.stringContaining('or not any more')])
    expect((await poll(product.portal, null)).nodes.filter(({ source }) => source === '/loyalty')).toEqual([])
    const endpoints = '{ webhookEndpoints { nodes { id types endedTypes status } } }'
    const { data } = await call(product, product.portal, endpoints)
    const chosen = { types: ['loyalty.points_awarded'], endedTypes: ['loyalty.points_awarded'], status: 'ENABLED' }
    expect(data.webhookEndpoints.nodes).toMatchObject([chosen])
    // Declared anew it is another declaration: what was told before is none of it, and the endpoint goes on with it.
    expect((await publish('loyalty.points_awarded')).userErrors).toEqual([])
    expect(await poll()).toMatchObject({ nodes: [], codes: undefined })
    expect((await hand(award('anew', 10))).status).toBe(200)
    await expect.poll(async () => pointsOf(await poll())).toEqual([10])
    await expect.poll(() => receiver.received.length).toBe(7)
    expect(verify(receiver.received[6], secret).data['points']).toBe(10)
  })
})
