import { createClient } from 'graphql-ws'
import { type GraphQLObjectType, isObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { fieldRule } from '../../kit/access-rule.ts'
import { seededId } from '../../kit/ids.ts'
import { type Scope, scopes } from '../../schema/scopes.ts'
import { demoApps } from '../../subgraphs/demo-world/apps.ts'
import { demoProducts, demoSkus } from '../../subgraphs/demo-world/products.ts'
import { whileRepeating } from '../e2e/while-repeating.ts'
import { demoCaller } from '../subgraphs/demo-graph.ts'
import { type Field, apiSchema, objectTypeOf } from './api-schema.ts'
import { type AttackGraph, startAttackGraph } from './attack-graph.ts'
import {
  argumentsFor,
  bare,
  below,
  deniedOf,
  documentsTo,
  faultsOf,
  fragmentsOf,
  routesTo,
  someArguments,
  targetsWithout,
} from './scope-routes.ts'
import type { Answer } from './witness.ts'

/** Sees all data of the demo with all scopes, so that what is missing is missing for the scope. */
const app = 'operator-console'
const everyScope = Object.keys(scopes) as Scope[]
const queryType = apiSchema.getQueryType() as GraphQLObjectType
const mutationType = apiSchema.getMutationType() as GraphQLObjectType

const draft = {
  customer: { name: 'A customer', domain: 'customer-of-a-thief.example', country: 'NO' },
  productId: demoProducts[0]?.id,
  skuId: demoSkus[0]?.id,
}
const ownApp = demoApps.find(({ slug }) => slug === 'fjordline-portal')?.id

let graph: AttackGraph
beforeAll(async () => {
  graph = await startAttackGraph({ limits: 'lifted' })
})
afterAll(() => graph[Symbol.asyncDispose]())

describe.each(everyScope)('without %s', (missing) => {
  const held = everyScope.filter((scope) => scope !== missing)
  const targets = targetsWithout(held, queryType)

  it.runIf(targets.length > 0)('nothing that asks for it is given by any way through the schema', async () => {
    const token = await graph.token(app, held)
    for (const { document, asked } of documentsTo(queryType, targets, argumentsFor(held))) {
      const answer = await graph.ask(token, document, { yes: true })
      expect(faultsOf(answer, asked), document).toEqual([])
    }
  })
})

it('with every scope the same is given, so that it is missing for the scope', async () => {
  const token = await graph.token(app)
  const given = new Set<string>()
  for (const missing of everyScope) {
    const held = everyScope.filter((scope) => scope !== missing)
    const [first] = documentsTo(queryType, targetsWithout(held, queryType), argumentsFor(held))
    if (first === undefined) continue
    const answer = await graph.ask(token, first.document, { yes: true })
    for (const fault of faultsOf(answer, first.asked)) if (fault.endsWith('was given')) given.add(fault)
    // Right after it, to whoever may see less: nothing that was kept is handed on.
    const less = await graph.ask(await graph.token(app, held), first.document, { yes: true })
    expect(faultsOf(less, first.asked), first.document).toEqual([])
  }
  expect(given.size).toBeGreaterThan(20)
})

describe('what a mutation answers', () => {
  it.each<[name: string, entity: string, held: readonly Scope[], input: object]>([
    ['saveDealDraft', 'dealRegistration', ['deals:write'], draft],
    ['updateOrganization', 'organization', ['partner:write'], { website: 'https://www.fjordline.example' }],
    ['updateApp', 'app', ['apps:write'], { id: ownApp, description: 'Stolen' }],
    ['requestPlan', 'planRequest', ['billing:write'], { appId: ownApp, planId: seededId('Plan', 'scale') }],
    ['inviteMember', 'invitation', ['partner:write'], { email: 'thief@fjordline.example', role: 'SALES' }],
    ['reserveInventory', 'reservations', ['inventory:reserve'], { lines: [{ skuId: draft.skuId, quantity: 1 }] }],
  ])('%s tells nothing that its caller may not read', async (name, entity, held, input) => {
    const payload = objectTypeOf(mutationType.getFields()[name] as Field)
    const type = objectTypeOf(payload?.getFields()[entity] as Field)
    if (type === null) throw new Error(`${name} answers no ${entity}`)
    const entityDenied = deniedOf(payload as GraphQLObjectType, held).some((field) => field.name === entity)
    const denied = entityDenied ? [] : deniedOf(type, held)
    const deep = Object.values(type.getFields()).flatMap((field) => {
      const inner = objectTypeOf(field)
      if (denied.includes(field) || inner === null || someArguments(field) === null) return []
      return deniedOf(inner, held).map((secret) => `${field.name}${someArguments(field)} { ${bare(secret)} }`)
    })
    expect(entityDenied || denied.length + deep.length > 0).toBe(true)
    const inputType = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`
    const asked = ['__typename', ...denied.map(bare), ...deep.slice(0, 50)].join(' ')
    const query = `mutation ($input: ${inputType}!) { ${name}(input: $input) { ${entity} { ${asked} } userErrors { code } } }`
    const { data, errors, text } = await graph.ask(await graph.token('fjordline-portal', held), query, { input })
    expect(data?.[name]?.userErrors, text).toEqual([])
    expect(new Set(errors.map(({ extensions }) => extensions?.['code'])), text).toEqual(new Set(['FORBIDDEN']))
    const given = JSON.stringify(data[name][entity]).replaceAll(/"__typename":"[A-Za-z]+"/g, '')
    expect(given).not.toMatch(/:(?!null|\{|\[)/)
  })
})

describe('an event of a subscription', () => {
  it('has nothing at any depth that its reader’s scopes do not cover', async () => {
    const held: readonly Scope[] = ['inventory:read']
    const root = apiSchema.getSubscriptionType() as GraphQLObjectType
    const targets = targetsWithout(held, root).filter(({ path }) => path[0]?.name === 'inventoryChanged')
    expect(targets.length).toBeGreaterThan(0)
    const selections = targets.map((target) => routesTo(root, target, argumentsFor(held)))
    const inner = selections.map((text) => text.slice(text.indexOf('{') + 1, text.lastIndexOf('}')))
    const query = `subscription Steal($yes: Boolean!) { inventoryChanged { ${inner.join('\n')} } } ${fragmentsOf(targets)}`
    const { authorization } = await graph.token(app, held)
    const client = createClient({
      url: `${graph.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization },
      retryAttempts: 0,
    })
    const next = client.iterate<Readonly<Record<string, unknown>>>({ query, variables: { yes: true } }).next()
    const { value } = await whileRepeating(next, () => sellOne())
    await client.dispose()
    const text = JSON.stringify(value)
    graph.look(text)
    const { data, errors = [] } = value as { data?: unknown; errors?: Answer['errors'] }
    const told = new Set(errors.map(({ extensions }) => extensions?.['coordinate']))
    for (const { path, type, denied } of targets) {
      const objects = path.reduce(
        (found: unknown[], { name }) => found.flatMap((object) => below(object, name)),
        [data],
      )
      expect(objects.length, text).toBeGreaterThan(0)
      for (const { name } of denied) {
        expect(told).toContain(`${type.name}.${name}`)
        expect(objects.flatMap((object) => below(object, name)).every((given) => given === null)).toBe(true)
      }
    }
  })
})

describe('a subgraph that a gateway asks for too much', () => {
  it('gives nothing of an entity without its scopes', async () => {
    const caller = demoCaller(app, { scopes: [] })
    let asked = 0
    for (const [name, service] of graph.services) {
      const { schema } = service
      const entities = schema.getType('_Entity')
      const types = entities !== undefined && 'getTypes' in entities ? entities.getTypes() : []
      for (const type of types.filter((candidate) => isObjectType(candidate))) {
        const guarded = Object.values(type.getFields()).filter(
          (field) => fieldRule(schema, type, field.name).scopes.length > 0 && someArguments(field) !== null,
        )
        const collection = {
          Organization: 'partner_organizations',
          App: 'partner_apps',
          Product: 'catalog_products',
          Sku: 'catalog_skus',
        }
        const holder = Object.entries(collection).find(([known]) => known === type.name)?.[1]
        if (holder === undefined || guarded.length === 0) continue
        const one = await graph.connection.collection(holder).findOne()
        const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
          ... on ${type.name} { __typename ${guarded.map(bare).join(' ')} } } }`
        const representations = [{ __typename: type.name, id: String(one?._id) }]
        const { data, errors = [] } = await service.execute({
          query,
          variables: { representations },
          caller,
          requestId: 'attack',
        })
        const [entity] = (data?.['_entities'] ?? []) as readonly unknown[]
        const values = guarded.flatMap((field) => below(entity, field.name)).filter((value) => value !== null)
        expect(values, `${name}: ${type.name}`).toEqual([])
        expect(errors.every(({ extensions }) => extensions?.['code'] === 'FORBIDDEN')).toBe(true)
        asked += guarded.length
      }
      const root = schema.getQueryType() as GraphQLObjectType
      const lists = Object.values(root.getFields()).filter(
        (field) =>
          !field.name.startsWith('_') &&
          fieldRule(schema, root, field.name).scopes.length > 0 &&
          someArguments(field) !== null,
      )
      const { data, errors = [] } = await service.execute({
        query: `{ ${lists.map(bare).join(' ')} __typename }`,
        caller,
        requestId: 'attack',
      })
      expect(
        Object.values({ ...data, __typename: null }).filter((value) => value !== null),
        name,
      ).toEqual([])
      expect(errors).toHaveLength(lists.length)
      asked += lists.length
    }
    expect(asked).toBeGreaterThan(60)
  })
})

async function sellOne(): Promise<void> {
  const level = await graph.connection.collection('inventory_levels').findOne({ available: { $gt: 20 } })
  const adjustments = [{ skuId: level?.['skuId'], locationId: level?.['locationId'], delta: -1, reason: 'SALE' }]
  const query = `mutation ($adjustments: [InventoryAdjustmentInput!]!) {
    adjustInventory(input: { adjustments: $adjustments }) { userErrors { code } } }`
  await graph.ask(graph.key(app), query, { adjustments })
}

it('nothing of what was asked has told what is inside', () => {
  expect(graph.leaks).toEqual([])
})
