import {
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fieldRule } from '../../kit/access-rule.ts'
import type { Caller } from '../../kit/caller.ts'
import { createLogger } from '../../kit/log.ts'
import { createNonces } from '../../kit/nonces.ts'
import { type Tenancy, tenancyOf } from '../../kit/shield/tenancy.ts'
import { signRequest } from '../../kit/signature.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'
import { serveSubgraph } from '../../kit/subgraph-server.ts'
import { objectTypes } from '../../schema/checks/unguarded.ts'
import { demoDeals } from '../../subgraphs/demo-world/deals.ts'
import { demoOrganizations } from '../../subgraphs/demo-world/organizations.ts'
import { subgraphs } from '../../subgraphs/registry.ts'
import { type DemoGraph, demoCaller, startDemoGraph } from './demo-graph.ts'
import { callerOf } from './subgraph-under-test.ts'

const signatureKey = Buffer.alloc(32, 7)
const nextNonce = createNonces()
const now = () => new Date()
const log = createLogger('test', 'silent')

let graph: DemoGraph
const servers = new Map<string, Awaited<ReturnType<typeof serveSubgraph>>>()

beforeAll(async () => {
  graph = await startDemoGraph(subgraphs.map(({ name }) => name))
  // Reviews of the demo are for everybody; hidden, they are their authors' alone.
  await graph.connection.model('Review').updateMany({}, { $set: { state: 'HIDDEN' } })
  await graph.connection.model('Reservation').updateOne({}, { $set: { dealId: demoDeals[0]?.id } })
  for (const [name, service] of graph.services) {
    servers.set(name, await serveSubgraph({ service, signatureKey, port: 0, host: '127.0.0.1', log, now }))
  }
})
afterAll(async () => {
  for (const server of servers.values()) await server.close()
  await graph[Symbol.asyncDispose]()
})

/** A partner with every scope there is: whatever it is not shown, tenancy keeps from it. */
const stranger = callerOf('fjordline')
/** No organization of the demo: nothing of anybody's is its own. */
const nobody = callerOf('an organization without records')

type Entities = readonly (Readonly<Record<string, unknown>> | null)[]

/** Asks a subgraph for entities as a gateway does: over HTTP, signed, in the name of a caller. */
async function entities(
  name: string,
  caller: Caller,
  { type, ids, fields }: { type: string; ids: readonly string[]; fields: string },
): Promise<{ found: Entities; errors: NonNullable<SubgraphResult['errors']> }> {
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on ${type} { ${fields} } } }`
  const body = JSON.stringify({ query, variables: { representations: ids.map((id) => ({ __typename: type, id })) } })
  const headers = signRequest(signatureKey, {
    method: 'POST',
    path: '/graphql',
    body,
    caller,
    now: Date.now(),
    nonce: nextNonce(),
  })
  const response = await fetch(servers.get(name)?.url ?? '', {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
  })
  const { data, errors = [] } = (await response.json()) as SubgraphResult
  return { found: (data?.['_entities'] ?? []) as Entities, errors }
}

/** All of an entity that can be asked for without arguments, two levels deep. */
function everythingOf(type: GraphQLObjectType, depth = 3): string {
  return Object.values(type.getFields())
    .filter(({ args }) => !args.some(isRequiredArgument))
    .flatMap((field) => {
      const returned = getNamedType(field.type)
      if (isLeafType(returned)) return [field.name]
      return isObjectType(returned) && depth > 1
        ? [`${field.name} { __typename ${everythingOf(returned, depth - 1)} }`]
        : []
    })
    .join(' ')
}

/** Whose a stored record is, read past the models. */
interface Owned {
  readonly id: string
  readonly owners: readonly unknown[]
  readonly shared: boolean
}

async function recordsOf(type: string, tenancy: Extract<Tenancy, { kind: 'partner' }>): Promise<Owned[]> {
  if (tenancy.owner.includes('id')) return demoOrganizations.map(({ id }) => ({ id, owners: [id], shared: false }))
  // Billing knows an app by its subscription.
  const [model, idField] = type === 'App' ? ['PlanSubscription', 'appId'] : [type, '_id']
  const documents = await graph.connection.model(model).find({}).lean<Record<string, unknown>[]>()
  return documents.map((document) => ({
    id: String(document[idField]),
    owners: tenancy.owner.map((field) => document[field]),
    shared: tenancy.shared.some(({ field, value }) => (document[field] ?? 'null') === value),
  }))
}

/** Entities of which the demo has no record that is a partner's alone. */
const unseeded: readonly string[] = ['partner PartnerApplication', 'partner TierProposal', 'bulk ImportJob']

const entityTypes = subgraphs.flatMap((subgraph) => {
  const schema: GraphQLSchema = subgraph.guardedSchema()
  const union = schema.getType('_Entity')
  const resolvable = union && 'getTypes' in union ? union.getTypes() : []
  return objectTypes(schema)
    .filter((type) => resolvable.includes(type))
    .map((type) => ({ name: subgraph.name, type, schema, tenancy: tenancyOf(type) }))
})
const titled = entityTypes.map((entity) => [`${entity.name} ${entity.type.name}`, entity] as const)
const partnerOwned = titled.flatMap(([title, { tenancy, ...entity }]) =>
  tenancy?.kind === 'partner' ? [[title, { ...entity, tenancy }] as const] : [],
)
const references = titled.filter(
  ([, { tenancy, type }]) => tenancy?.kind === 'reference' && Object.keys(type.getFields()).length > 1,
)

describe('a representation of another organization’s record', () => {
  it.each(partnerOwned)('of %s is null to a partner with every scope', async (title, { name, type, tenancy }) => {
    const records = await recordsOf(type.name, tenancy)
    const foreign = records.filter(({ owners, shared }) => !owners.includes(stranger.organizationId) && !shared)
    const own = records.filter(({ owners }) => owners.includes(stranger.organizationId))
    const fields = everythingOf(type)
    if (!unseeded.includes(title)) expect(foreign.length, 'records in the demo').toBeGreaterThan(0)
    for (let at = 0; at < foreign.length; at += 100) {
      const ids = foreign.slice(at, at + 100).map(({ id }) => id)
      const { found, errors } = await entities(name, stranger, { type: type.name, ids, fields })
      expect(errors).toEqual([])
      expect(found).toEqual(ids.map(() => null))
    }
    const ids = own.slice(0, 100).map(({ id }) => id)
    const answered = await entities(name, stranger, { type: type.name, ids, fields: 'id' })
    expect(answered.found.map((entity) => entity?.['id'])).toEqual(ids)
  })

  it.each(references)('of %s, which anybody may make up, has nothing hanging on it', async (_title, { name, type }) => {
    const ids = demoDeals.map(({ id }) => id)
    const fields = everythingOf(type)
    const { found } = await entities(name, nobody, { type: type.name, ids, fields })
    expect(found).toHaveLength(ids.length)
    const told = found.flatMap((entity, index) =>
      leavesOf({ ...entity, id: null }).map((leaf) => `${ids[index]}: ${leaf}`),
    )
    expect(told).toEqual([])
    const all = await entities(name, demoCaller('operator-console'), { type: type.name, ids, fields })
    expect(all.found.flatMap((entity) => leavesOf({ ...entity, id: null })).length).toBeGreaterThan(0)
  })
})

describe('a representation of one’s own record', () => {
  it.each(partnerOwned)('of %s tells nothing that asks for a scope to a caller without any', async (_title, entity) => {
    const { name, type, schema, tenancy } = entity
    const [record] = (await recordsOf(type.name, tenancy)).filter(({ shared }) => !shared)
    if (record === undefined) return expect(unseeded).toContain(`${name} ${type.name}`)
    const caller: Caller = { ...stranger, scopes: [], organizationId: String(record.owners[0]) }
    const scoped = Object.values(type.getFields()).filter(
      (field) => fieldRule(schema, type, field.name).scopes.length > 0,
    )
    for (const field of scoped.filter(({ args }) => !args.some(isRequiredArgument))) {
      const below = isLeafType(getNamedType(field.type)) ? '' : '{ __typename }'
      const options = { type: type.name, ids: [record.id], fields: `id ${field.name} ${below}` }
      const { found, errors } = await entities(name, caller, options)
      expect(found[0]?.[field.name] ?? null, field.name).toBeNull()
      expect(
        errors.map(({ extensions }) => extensions?.['code']),
        field.name,
      ).toEqual(['FORBIDDEN'])
    }
  })
})

/** What a value tells: texts, numbers and truths, without the names of types and what pages say when they are empty. */
function leavesOf(value: unknown, key = ''): string[] {
  if (value === null || value === undefined || value === false || value === 0 || key === '__typename') return []
  if (typeof value !== 'object') return [`${key} ${JSON.stringify(value)}`]
  if (Array.isArray(value)) return value.flatMap((item) => leavesOf(item, key))
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, name))
}
