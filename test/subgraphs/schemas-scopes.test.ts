import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { logOf, outboxOf } from '../../events/collections.ts'
import type { GraphQuestion } from '../../kit/ask-graph.ts'
import { createNetworkRules } from '../../kit/egress/network-rules.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'
import { schemasSubgraph } from '../../subgraphs/schemas/subgraph.ts'
import { createSmallOffice } from './small-office.ts'
import { type SubgraphUnderTest, operator, startSubgraph } from './subgraph-under-test.ts'

/** Scopes that an app holds, as the graph would tell; null where it cannot be asked. */
let held: Set<string> | null = new Set<string>()
const holder = {
  id: 'app_1',
  name: 'Northwind Partner Portal',
  scopes: ['loyalty:read'],
  plan: { name: 'Partner Gold', monthlyPrice: { amount: '490.00', currencyCode: 'EUR' } },
  organization: {
    id: 'org_1',
    name: 'Northwind',
    tier: null,
    members: { nodes: [{ name: 'Pieter Nilsen', email: 'pieter@northwind.example', role: 'ADMIN' }] },
  },
}
const graph = {
  askAs(_appId: string, { variables, query }: GraphQuestion): Promise<SubgraphResult> {
    if (query.startsWith('query TrustedDocuments')) {
      const pageInfo = { hasNextPage: false, endCursor: null }
      return Promise.resolve({ data: { trustedDocuments: { totalCount: 0, nodes: [], pageInfo } } })
    }
    if (held === null) return Promise.resolve({ data: null, errors: [{ message: 'You may not read apps.' }] } as never)
    const isOfScopes = query.startsWith('query WhoHolds')
    const entries = Object.entries(variables).map(([name, scope]) => [
      `${isOfScopes ? 'h' : 'u'}${name.slice(1)}`,
      { nodes: isOfScopes && held?.has(String(scope)) ? [holder] : [] },
    ])
    return Promise.resolve({ data: Object.fromEntries(entries) as Record<string, unknown> })
  },
}

let schemas: SubgraphUnderTest
const office = createSmallOffice()
beforeAll(async () => {
  const outside = { graph, networks: createNetworkRules([]), schemas: office }
  schemas = await startSubgraph(schemasSubgraph, () => Promise.resolve(), outside)
})
afterAll(async () => {
  await schemas?.stop()
  await office.workshop.close()
})

const sdl = (...scopes: readonly (readonly [name: string, description: string])[]) => `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@authenticated"])
  ${scopes.map(([name, description]) => `@scope(name: "${name}", description: "${description}")`).join(' ')}
directive @scope(name: String!, description: String!) repeatable on SCHEMA
directive @tenancy(reference: Boolean) on OBJECT
"A partner."
type Organization @key(fields: "id") @tenancy(reference: true) @authenticated {
  "Its id."
  id: ID!
  "What it has earned."
  points: Int
}`
const read = ['loyalty:read', 'See your points'] as const
const write = ['loyalty:write', 'Give points'] as const

interface Payload {
  readonly subgraphVersion: { scopes: { name: string; description: string }[] } | null
  readonly check: {
    problems: { rule: string }[]
    changes: { criticality: string; coordinate: string; message: string }[]
  } | null
  readonly userErrors: { message: string }[]
}
async function change(field: string, input: object): Promise<Payload> {
  const { data, errors } = await schemas.execute<Record<string, Payload>>(
    operator,
    `mutation ($input: ${field[0]?.toUpperCase()}${field.slice(1)}Input!) { ${field}(input: $input) {
      subgraphVersion { scopes { name description } } check { problems { rule } changes { criticality coordinate message } }
      userErrors { message } } }`,
    { input: { subgraph: 'loyalty', reason: 'For the test.', ...input } },
  )
  expect(errors).toBeUndefined()
  return data[field] as Payload
}
const publish = (text: string, input: object = {}) =>
  change('publishSubgraph', { url: 'http://loyalty.test/graphql', sdl: text, ...input })

/** What was told of scopes so far, oldest first. */
async function told(): Promise<unknown[]> {
  const type = /^subgraph_scope\./
  const waiting = await outboxOf(schemas.connection).find({ type }).toArray()
  const logged = await logOf(schemas.connection).find({ type }).toArray()
  const byId = new Map([
    ...waiting.map(({ _id, ...row }) => [_id, row] as const),
    ...logged.map(({ id, ...row }) => [id, row] as const),
  ])
  return [...byId]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, event]) => [event.type, event.data['environment'], event.data['scope'], event.data['description']])
}

describe('the scopes of a published subgraph', { timeout: 120_000 }, () => {
  it('are stored with its version, and told one by one as they come, change and go', async () => {
    const first = await publish(sdl(read))
    expect(first).toMatchObject({
      userErrors: [],
      subgraphVersion: { scopes: [{ name: 'loyalty:read', description: 'See your points' }] },
    })
    expect(first.check?.changes.map(({ message }) => message)).toContain("Scope 'loyalty:read' was added")
    await publish(sdl(['loyalty:read', 'See your points and level'], write))
    await publish(sdl(read))
    expect(await told()).toEqual([
      ['subgraph_scope.declared', 'LIVE', 'loyalty:read', 'See your points'],
      ['subgraph_scope.declared', 'LIVE', 'loyalty:read', 'See your points and level'],
      ['subgraph_scope.declared', 'LIVE', 'loyalty:write', 'Give points'],
      ['subgraph_scope.withdrawn', 'LIVE', 'loyalty:write', undefined],
      ['subgraph_scope.declared', 'LIVE', 'loyalty:read', 'See your points'],
    ])
  })

  it('are kept while an app holds them, unless that is accepted by name', async () => {
    held = new Set(['loyalty:read'])
    const refused = await publish(sdl())
    expect(refused.userErrors.map(({ message }) => message)).toEqual([
      "loyalty:1:1 BREAKING_CHANGE Scope 'loyalty:read' was removed. It was granted to Northwind Partner Portal of Northwind (plan Partner Gold at 490.00 EUR a month, contact Pieter Nilsen <pieter@northwind.example>).",
    ])
    expect((await change('retireSubgraph', {})).check?.problems).toMatchObject([{ rule: 'BREAKING_CHANGE' }])
    // What is no SDL takes nothing away: its author is told of the one thing that is wrong.
    expect((await publish('type Query {')).check?.problems).toMatchObject([{ rule: 'SYNTAX' }])
    held = null
    expect((await publish(sdl())).check?.problems).toMatchObject([{ rule: 'USAGE_UNKNOWN' }])
    held = new Set(['loyalty:read'])
    expect((await publish(sdl(), { acceptBreaking: ['loyalty:read'] })).userErrors).toEqual([])
    expect((await told()).at(-1)).toEqual(['subgraph_scope.withdrawn', 'LIVE', 'loyalty:read', undefined])
  })

  it('keep their words while an app holds them, unless that is accepted by name', async () => {
    held = new Set(['loyalty:write'])
    await publish(sdl(read))
    const level = await publish(sdl(['loyalty:read', 'See your level']))
    expect(level).toMatchObject({ userErrors: [], check: { changes: [{ criticality: 'DANGEROUS' }] } })
    held = new Set(['loyalty:read'])
    const moves = sdl(['loyalty:read', 'Move your money'])
    for (const input of [{}, { acceptBreaking: ['loyalty:write'] }]) {
      const refused = await publish(moves, input)
      expect(refused.check?.changes).toMatchObject([{ criticality: 'BREAKING', coordinate: 'loyalty:read' }])
      expect(refused.userErrors.map(({ message }) => message)).toEqual([
        expect.stringMatching(
          /^loyalty:1:1 BREAKING_CHANGE Scope 'loyalty:read' was described otherwise: 'See your level' became 'Move your money'\. It would let apps do what nobody agreed to\. It was granted to Northwind Partner Portal of Northwind/,
        ),
      ])
    }
    held = null
    expect((await publish(moves)).check?.problems).toMatchObject([{ rule: 'USAGE_UNKNOWN' }])
    held = new Set(['loyalty:read'])
    expect((await publish(moves, { acceptBreaking: ['loyalty:read'] })).userErrors).toEqual([])
    // An earlier version brings its words back, which is a change as well.
    const back = await change('rollBackSubgraph', { toVersion: 1 })
    expect(back.check?.problems).toMatchObject([{ rule: 'BREAKING_CHANGE' }])
  })

  it('may leave the sandbox while LIVE declares them, and come back with an earlier version', async () => {
    held = new Set(['loyalty:read'])
    const again = { toVersion: 1, acceptBreaking: ['loyalty:read'] }
    expect((await change('rollBackSubgraph', again)).userErrors).toEqual([])
    await publish(sdl(read, write), { environment: 'SANDBOX' })
    held = new Set(['loyalty:read', 'loyalty:write'])
    expect((await publish(sdl(write), { environment: 'SANDBOX' })).userErrors).toEqual([])
    const refused = await publish(sdl(), { environment: 'SANDBOX' })
    expect(refused.check?.changes.map(({ coordinate }) => coordinate)).toEqual(['loyalty:write'])
    expect(refused.check?.problems).toMatchObject([{ rule: 'BREAKING_CHANGE' }])
  })

  it('may have other words in the sandbox while LIVE declares them; LIVE gives no other words to what was tried', async () => {
    held = new Set(['loyalty:read', 'loyalty:give'])
    const give = (description: string) => sdl(read, ['loyalty:give', description])
    const tried = sdl(['loyalty:read', 'See all points'], write, ['loyalty:give', 'Give points'])
    expect((await publish(tried, { environment: 'SANDBOX' })).userErrors).toEqual([])
    const refused = await publish(give('Give money'))
    expect(refused.check?.changes).toMatchObject([{ criticality: 'BREAKING', coordinate: 'loyalty:give' }])
    expect(refused.check?.problems).toMatchObject([{ rule: 'BREAKING_CHANGE' }])
    expect((await publish(give('Give points'))).userErrors).toEqual([])
  })

  it('cannot be another’s, and nothing is stored of them then', async () => {
    held = new Set()
    const before = await told()
    const refused = await publish(sdl(['partner:write', 'Do everything']))
    expect([refused.subgraphVersion, refused.check?.problems[0]?.rule]).toEqual([null, 'POLICY'])
    const asPartner = await publish(sdl(['partner:points', 'x']), { subgraph: 'partner', replaceShipped: true })
    expect(asPartner.subgraphVersion).toBeNull()
    expect(await told()).toEqual(before)
  })
})
