import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashAppKey } from '../../kit/app-key.ts'
import { systemCaller } from '../../kit/caller.ts'
import { seededId } from '../../kit/ids.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { demoAppKey } from '../../subgraphs/demo-world/apps.ts'
import { demoOrganizations } from '../../subgraphs/demo-world/organizations.ts'
import { createPartnerModels } from '../../subgraphs/partner/models.ts'
import { type DemoGraph, demoCaller, demoNow, startDemoGraph } from './demo-graph.ts'

const northwind = demoCaller('northwind-portal')
const operator = demoCaller('operator-console')
const contosoId = seededId('Organization', 'contoso')

let graph: DemoGraph
beforeAll(async () => {
  graph = await startDemoGraph(['partner'])
})
afterAll(async () => graph[Symbol.asyncDispose]())

describe('an organization', () => {
  test('is told with its tier, people and apps', async () => {
    const { data, errors } = await graph.run(
      'partner',
      `{ myOrganization { name type status territories version tier { name level benefits }
           members { totalCount nodes { name email role } }
           apps { totalCount edges { cursor node { name organization { name } credentials { prefix label status } } } } } }`,
      { as: northwind },
    )
    expect(errors).toBeUndefined()
    expect(data?.['myOrganization']).toMatchObject({
      name: 'Northwind IT Solutions',
      type: 'RESELLER',
      status: 'APPROVED',
      territories: ['DACH', 'BENELUX'],
      version: 1,
      tier: { name: 'Gold', level: 3 },
      apps: {
        totalCount: 2,
        edges: [
          {
            node: {
              name: 'Northwind Partner Portal',
              organization: { name: 'Northwind IT Solutions' },
              credentials: [{ status: 'ACTIVE' }, { status: 'REVOKED' }, { status: 'EXPIRED' }],
            },
          },
          { node: { name: 'Northwind Stock Feed' } },
        ],
      },
    })
  })

  test("of another partner is null, by id and as an entity, and so are another's apps", async () => {
    const query = `query ($id: ID!, $app: ID!, $representations: [_Any!]!) {
      organization(id: $id) { name }
      app(id: $app) { name }
      _entities(representations: $representations) { ... on Organization { name } ... on App { name } }
    }`
    const variables = {
      id: contosoId,
      app: seededId('App', 'contoso-trial'),
      representations: [
        { __typename: 'Organization', id: contosoId },
        { __typename: 'App', id: seededId('App', 'contoso-trial') },
        { __typename: 'Organization', id: northwind.organizationId },
      ],
    }
    const hidden = await graph.run('partner', query, { as: northwind, variables })
    expect(hidden).toEqual({
      data: { organization: null, app: null, _entities: [null, null, { name: 'Northwind IT Solutions' }] },
    })
    const seen = await graph.run('partner', query, { as: operator, variables })
    expect(seen.data).toMatchObject({
      organization: { name: 'Contoso Office Supply' },
      app: { name: 'Contoso Trial' },
      _entities: [{ name: 'Contoso Office Supply' }, { name: 'Contoso Trial' }, { name: 'Northwind IT Solutions' }],
    })
  })

  test('keeps its people to itself in the model, whoever asks a resolver for them', async () => {
    const { members } = createPartnerModels({
      connection: graph.connection,
      now: graph.now,
      secretFor: (purpose) => deriveSecret(graph.secret, purpose),
    })
    expect((await members.createPages(northwind)(contosoId, {})).nodes).toEqual([])
    const both = members.createPages(northwind)
    const [foreign, own] = await Promise.all([both(contosoId, {}), both(northwind.organizationId, {})])
    expect(foreign.nodes).toEqual([])
    expect(await foreign.totalCount()).toBe(0)
    expect(own.nodes.length).toBeGreaterThan(0)
    expect((await members.createPages(operator)(contosoId, {})).nodes.length).toBeGreaterThan(0)
  })

  test('is listed alone for a partner, among all for the operator', async () => {
    const query = '{ organizations(first: 250) { totalCount nodes { id name } } }'
    const own = await graph.run('partner', query, { as: northwind })
    expect(own.data).toEqual({
      organizations: { totalCount: 1, nodes: [{ id: northwind.organizationId, name: 'Northwind IT Solutions' }] },
    })
    const all = await graph.run('partner', query, { as: operator })
    expect(all.data).toMatchObject({ organizations: { totalCount: demoOrganizations.length } })
  })

  test('answers a field whose scope is missing with null and FORBIDDEN, and the rest as usual', async () => {
    const { data, errors } = await graph.run('partner', '{ myOrganization { name apps { totalCount } } }', {
      as: demoCaller('contoso-trial'),
    })
    expect(data).toEqual({ myOrganization: { name: 'Contoso Office Supply', apps: null } })
    expect(errors).toMatchObject([
      {
        path: ['myOrganization', 'apps'],
        extensions: { code: 'FORBIDDEN', requiredScopes: [['apps:read']] },
      },
    ])
  })

  test('with an id that is none, or hostile, is null and costs no query', async () => {
    for (const id of ['', 'org_', '{"$ne":null}', `org_${'a'.repeat(10_000)}`, 'app_9a5wjydrhsx5fjnk']) {
      const commands = await graph.commandsOf(async () => {
        const { data, errors } = await graph.run('partner', 'query ($id: ID!) { organization(id: $id) { name } }', {
          as: operator,
          variables: { id },
        })
        expect({ data, errors }).toEqual({ data: { organization: null }, errors: undefined })
      })
      expect(commands).toEqual([])
    }
  })
})

describe('pages of organizations', () => {
  const query = `query ($first: Int, $after: String) { organizations(first: $first, after: $after) {
    nodes { name } pageInfo { hasNextPage hasPreviousPage endCursor } } }`

  test('put together are the whole list, in order and without a repeat', async () => {
    const names: string[] = []
    let after: string | null = null
    do {
      const { data } = await graph.run('partner', query, { as: operator, variables: { first: 7, after } })
      const page = (data as { organizations: { nodes: { name: string }[]; pageInfo: PageInfo } }).organizations
      names.push(...page.nodes.map(({ name }) => name))
      expect(page.pageInfo.hasPreviousPage).toBe(after !== null)
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
    } while (after !== null)
    expect(names).toHaveLength(demoOrganizations.length)
    expect(new Set(names)).toEqual(new Set(demoOrganizations.map(({ name }) => name)))
    expect(names).toEqual(names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
  })

  test.each([
    ['a forged cursor', { after: 'bm90IGEgY3Vyc29y' }],
    ['a cursor with an operator in it', { after: Buffer.from('[{"$gt":""},"org_1"]').toString('base64url') }],
    ['a page of none', { first: 0 }],
    ['too large a page', { first: 251 }],
  ])('refuse %s', async (_case, variables) => {
    const { data, errors } = await graph.run('partner', query, { as: operator, variables })
    expect(data).toEqual({ organizations: null })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })

  test('take as many database queries for 30 organizations as for 8', async () => {
    const nested = `query ($first: Int) { organizations(first: $first) { totalCount nodes { name tier { name }
      members(first: 2) { totalCount nodes { name } pageInfo { hasNextPage } }
      apps(first: 1) { nodes { name credentials { prefix } organization { name } } } } } }`
    const commandsFor = (first: number) =>
      graph.commandsOf(async () => {
        const { data, errors } = await graph.run('partner', nested, { as: operator, variables: { first } })
        expect(errors).toBeUndefined()
        expect((data as { organizations: { nodes: unknown[] } }).organizations.nodes).toHaveLength(first)
      })
    const few = await commandsFor(8)
    expect(few.length).toBeLessThanOrEqual(10)
    expect((await commandsFor(30)).toSorted()).toEqual(few.toSorted())
  })
})

describe('the identity of an app', () => {
  const query = `query ($appId: ID!, $keyHash: String) { appIdentity(appId: $appId, keyHash: $keyHash) {
    appId appName organizationId organizationName organizationStatus environment operator scopes appStatus credentialId } }`
  const gateway = systemCaller(['system:identity', 'system:usage'])
  const appId = seededId('App', 'northwind-stock-feed')
  const identify = (variables: Record<string, unknown>) => graph.run('partner', query, { as: gateway, variables })

  test('is found by its key', async () => {
    expect(await identify({ appId, keyHash: hashOf('northwind-stock-feed') })).toEqual({
      data: {
        appIdentity: {
          appId,
          appName: 'Northwind Stock Feed',
          organizationId: northwind.organizationId,
          organizationName: 'Northwind IT Solutions',
          organizationStatus: 'APPROVED',
          environment: 'SANDBOX',
          operator: false,
          scopes: ['catalog:read', 'inventory:read'],
          appStatus: 'ACTIVE',
          credentialId: seededId('AppCredential', 'northwind-stock-feed'),
        },
      },
    })
  })

  test.each(['northwind-stock-feed:expired', 'northwind-stock-feed:revoked', 'northwind-portal', 'nobody'])(
    'is refused to the key %s',
    async (keyName) => {
      expect(await identify({ appId, keyHash: hashOf(keyName) })).toEqual({ data: { appIdentity: null } })
    },
  )

  test('is found without a key for callers who proved themselves otherwise, and null for an unknown app', async () => {
    expect((await identify({ appId })).data).toMatchObject({ appIdentity: { credentialId: null } })
    expect((await identify({ appId, keyHash: null })).data).toMatchObject({ appIdentity: { credentialId: null } })
    expect((await identify({ appId: seededId('App', 'nobody') })).data).toEqual({ appIdentity: null })
    expect((await identify({ appId: '' })).data).toEqual({ appIdentity: null })
  })

  test('is told to gateways alone', async () => {
    const { data, errors } = await graph.run('partner', query, { as: operator, variables: { appId } })
    expect(data).toEqual({ appIdentity: null })
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  test('notes the hour in which a key was used, once an hour', async () => {
    const variables = { appId: operator.appId, keyHash: hashOf('operator-console') }
    const first = await graph.commandsOf(() => identify(variables))
    const second = await graph.commandsOf(() => identify(variables))
    expect(first.filter((command) => command.startsWith('update '))).toHaveLength(1)
    expect(second.filter((command) => command.startsWith('update '))).toHaveLength(0)
    const { data } = await graph.run('partner', '{ myApp { credentials { label lastUsedAt } } }', { as: operator })
    const hour = new Date(demoNow)
    hour.setUTCMinutes(0, 0, 0)
    expect(data).toMatchObject({
      myApp: { credentials: [{ label: 'Current key', lastUsedAt: hour.toISOString() }, {}, {}] },
    })
  })
})

const hashOf = (keyName: string) =>
  hashAppKey(deriveSecret(graph.secret, 'app-key-hash'), demoAppKey(graph.secret, keyName))

interface PageInfo {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly endCursor: string
}
