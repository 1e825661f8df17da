import { readFileSync, readdirSync } from 'node:fs'
import { array, assert, asyncProperty, integer } from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logOf, relayStateOf } from '../../events/collections.ts'
import { createEventCursors } from '../../kit/event-cursor.ts'
import { eventTypeInfo, publicEventTypes } from '../../kit/event-types.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { scopes } from '../../schema/scopes.ts'
import { eventsSubgraph } from '../../subgraphs/events/subgraph.ts'
import { type SubgraphUnderTest, callerOf, operator, startSubgraph, testSecret } from './subgraph-under-test.ts'

interface Page {
  readonly events: {
    readonly nodes: readonly { readonly id: string; readonly type: string; readonly cursor: string }[]
    readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean }
  } | null
}

const query = `query Poll($after: String, $first: Int, $types: [String!]) {
  events(after: $after, first: $first, types: $types) {
    nodes { id type cursor } pageInfo { endCursor hasNextPage } } }`
const alpha = callerOf('alpha')
const beta = callerOf('beta')
const cursors = createEventCursors(deriveSecret(testSecret, 'cursor'))
const types = ['deal.won', 'inventory.adjusted', 'secret.kept', 'invoice.paid'] as const

describe('events', () => {
  let graph: SubgraphUnderTest
  const total = 400

  beforeAll(async () => {
    graph = await startSubgraph(eventsSubgraph, () => Promise.resolve())
    const rows = Array.from({ length: total }, (_, place) => ({
      _id: place + 1,
      id: `evt_${place + 1}`,
      source: 'test',
      type: types[place % types.length] ?? '',
      subject: 'deal_1',
      time: new Date(),
      audience: place % 3 === 0 ? [] : [place % 3 === 1 ? alpha.organizationId : beta.organizationId],
      data: { place },
    }))
    await logOf(graph.connection).insertMany(rows)
    await relayStateOf(graph.connection).updateOne({ _id: 'relay' }, { $set: { position: total } })
  })
  afterAll(() => graph.stop())

  const poll = async (caller = alpha, variables: Record<string, unknown> = {}) =>
    graph.execute<Page>(caller, query, variables)
  const visibleTo = (organizationId: string, ...wanted: readonly string[]) =>
    Array.from({ length: total }, (_, place) => place)
      .filter((place) => place % 3 === 0 || (place % 3 === 1) === (organizationId === alpha.organizationId))
      .filter((place) => wanted.includes(types[place % types.length] ?? ''))
      .map((place) => `evt_${place + 1}`)

  test('are each read once and in order, whatever the sizes of pages', async () => {
    await assert(
      asyncProperty(array(integer({ min: 1, max: 250 }), { minLength: 1, maxLength: 5 }), async (sizes) => {
        const ids: string[] = []
        let after: string | null = null
        for (let turn = 0, more = true; more; turn += 1) {
          const { data, errors }: Awaited<ReturnType<typeof poll>> = await poll(alpha, {
            after,
            first: sizes[turn % sizes.length],
          })
          expect(errors).toBeUndefined()
          ids.push(...(data.events?.nodes ?? []).map(({ id }) => id))
          after = data.events?.pageInfo.endCursor ?? null
          more = data.events?.pageInfo.hasNextPage ?? false
        }
        expect(ids).toEqual(visibleTo(alpha.organizationId, 'deal.won', 'inventory.adjusted', 'invoice.paid'))
      }),
      { numRuns: 15 },
    )
  })

  test('are read on after the cursor of any one of them', async () => {
    const { data } = await poll(beta, { first: 10 })
    const cursor = data.events?.nodes[3]?.cursor
    const next = await poll(beta, { first: 6, after: cursor })
    expect(next.data.events?.nodes).toEqual(data.events?.nodes.slice(4))
  })

  test('are those that the permissions of the caller cover, and no type that stays inside', async () => {
    const ofDeals = callerOf('alpha', { scopes: ['deals:read'] })
    const { data } = await poll(ofDeals, { first: 250 })
    expect(data.events?.nodes.map(({ id }) => id)).toEqual(visibleTo(alpha.organizationId, 'deal.won'))
    const all = await poll(operator, { first: 250 })
    expect(new Set(all.data.events?.nodes.map(({ type }) => type))).toEqual(
      new Set(['deal.won', 'inventory.adjusted', 'invoice.paid']),
    )
    const refused = await poll(ofDeals, { types: ['invoice.paid'] })
    expect(refused.errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN', argument: 'types' } })
    expect(refused.errors?.[0]?.message).toContain('billing:read')
    const inside = await poll(operator, { types: ['secret.kept'] })
    expect(inside.errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT')
  })

  test('move the cursor on past what is not for the caller', async () => {
    const nobody = callerOf('nobody', { scopes: [] })
    const { data } = await poll(nobody, { first: 5 })
    expect(data.events).toEqual({
      nodes: [],
      pageInfo: { endCursor: cursors.encode(total), hasNextPage: false },
    })
  })

  test.each([
    [
      'of another installation',
      createEventCursors(deriveSecret('another secret of 32 characters', 'cursor')).encode(3),
    ],
    ['that was cut short', cursors.encode(3).slice(0, -1)],
    ['that was made up', 'evc_AAAAAAAAAAAAAAAAAAAAAA'],
    ['that is a number', '3'],
    ['of a log that was lost', cursors.encode(total + 1)],
  ])('refuse a cursor %s', async (_, after) => {
    const { errors } = await poll(alpha, { after })
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'after' })
  })

  test.each([0, 251, -1])('refuse pages of %i', async (first) => {
    const { errors } = await poll(alpha, { first })
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'first' })
  })

  test('tell who was away for too long what is gone and how to go on', async () => {
    await relayStateOf(graph.connection).updateOne({ _id: 'relay' }, { $set: { oldest: 11 } })
    await logOf(graph.connection).deleteMany({ _id: { $lt: 11 } })
    const { errors } = await poll(alpha, { after: cursors.encode(5) })
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'EVENTS_GONE', oldest: cursors.encode(10) })
    const { data: bounds } = await graph.execute<{ eventLog: { oldest: string; newest: string } }>(
      alpha,
      '{ eventLog { oldest newest } }',
    )
    expect(bounds.eventLog).toEqual({ oldest: cursors.encode(10), newest: cursors.encode(total) })
    const next = await poll(alpha, { after: bounds.eventLog.oldest, first: 250 })
    expect(next.errors).toBeUndefined()
    expect(next.data.events?.nodes[0]?.id).toBe('evt_13')
  })
})

/** Names of input fields, and the one message that is no event of the log. */
const noTypes: ReadonlySet<string> = new Set([
  'customer.name',
  'customer.domain',
  'customer.country',
  'webhook_endpoint.test',
])

describe('the table of event types', () => {
  test('names a scope of the graph for every type', () => {
    expect(publicEventTypes.filter(({ scope }) => !Object.hasOwn(scopes, scope))).toEqual([])
    expect(eventTypeInfo('no.such_type')).toBeUndefined()
  })

  test('knows every type that subgraphs name in their source', () => {
    const folder = new URL('../../subgraphs/', import.meta.url)
    const known = new Set(publicEventTypes.map(({ name }) => name.split('.')[0]))
    const named = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [...readFileSync(new URL(file, folder), 'utf8').matchAll(/'([a-z_]+)\.([a-z_]+)'/g)])
      .filter(([, entity, happened]) => known.has(entity) && !noTypes.has(`${entity}.${happened}`))
      .map(([, entity, happened]) => `${entity}.${happened}`)
    expect(named.length).toBeGreaterThan(50)
    expect([...new Set(named)].filter((type) => eventTypeInfo(type) === undefined)).toEqual([])
  })
})
