import {
  type DocumentNode,
  type GraphQLSchema,
  type IntrospectionQuery,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  buildClientSchema,
  getIntrospectionQuery,
  print,
  validate,
} from 'graphql'
import { beforeAll, describe, expect, it } from 'vitest'
import { createFieldPolicy } from '../../gateway/policy/filter-operation.ts'
import type { PlanLimits } from '../../gateway/request.ts'
import { scopes, tierScopes } from '../../schema/scopes.ts'
import { demoApps } from '../../subgraphs/demo-world/apps.ts'
import { subgraphs } from '../../subgraphs/registry.ts'
import { type CoordinateOperation, coordinatesOf, operationsFor, waysTo } from './coordinate-operations.ts'
import { type TestPipeline, createTestPipeline, testCaller } from './mini-graph.ts'

/** The whole graph without its subgraphs: whoever is denied reaches none, and nobody else is denied by their silence. */
let graph: TestPipeline
let api: GraphQLSchema

beforeAll(() => {
  const services = subgraphs.map(({ name, sdl }) => ({ name, sdl, url: `http://${name}.test` }))
  const silent = {
    execute: () => Promise.resolve({ data: null }),
    subscribe: () => Promise.resolve({ data: null }),
    close: () => Promise.resolve(),
  }
  graph = createTestPipeline(services, new Map(services.map(({ name }) => [name, silent])))
  api = graph.snapshot.apiSchema
})

const everyScope = [...Object.keys(scopes), ...Object.keys(tierScopes)]
const granted = [...new Set(demoApps.map((app) => app.scopes.toSorted().join(' ')))].map((set) =>
  set === '' ? [] : set.split(' '),
)
const pairs = granted.flatMap((one, index) => granted.slice(index + 1).map((other) => [...one, ...other]))
const scopeSets: readonly (readonly string[])[] = [
  [],
  everyScope,
  ...everyScope.map((scope) => [scope]),
  ...everyScope.map((scope) => everyScope.filter((other) => other !== scope)),
  ...granted,
  ...pairs,
]

/** What introspection shows to an app with these scopes. */
async function introspected(callerScopes: readonly string[], limits: Partial<PlanLimits> = {}): Promise<GraphQLSchema> {
  const { data, errors } = await graph.run(getIntrospectionQuery({ inputValueDeprecation: true }), {
    scopes: callerScopes,
    limits,
  })
  expect(errors).toEqual([])
  return buildClientSchema(data as unknown as IntrospectionQuery)
}

/** Operations for what a caller sees and for what it does not, type by type. */
function operationsOf(known: GraphQLSchema): { shown: CoordinateOperation[]; hidden: CoordinateOperation[] } {
  const [own, all] = [coordinatesOf(known), coordinatesOf(api)]
  const [knownWays, allWays] = [waysTo(known), waysTo(api)]
  const typeNames = new Set([...all].map((coordinate) => coordinate.split('.')[0] ?? ''))
  const of = (wanted: 'shown' | 'hidden') =>
    [...typeNames].flatMap((typeName) => {
      const fields = [...all]
        .filter((coordinate) => coordinate.startsWith(`${typeName}.`) && own.has(coordinate) === (wanted === 'shown'))
        .map((coordinate) => coordinate.slice(typeName.length + 1))
      if (fields.length === 0) return []
      const isKnown = knownWays.has(typeName)
      const ways = isKnown ? knownWays : allWays
      // Below a field that is hidden, what is asked for must be there at all.
      return operationsFor({ whole: api, known: wanted === 'shown' ? known : api, ways }, typeName, fields)
    })
  return { shown: of('shown'), hidden: of('hidden') }
}

const documentOf = (operation: OperationDefinitionNode): DocumentNode => ({
  kind: Kind.DOCUMENT,
  definitions: [operation],
})

describe('the schema that a caller is shown', () => {
  it('is all of the API for a caller with every scope', async () => {
    const known = await introspected(everyScope)
    expect(coordinatesOf(known)).toEqual(coordinatesOf(api))
    expect(Object.keys(known.getTypeMap()).toSorted()).toEqual(Object.keys(api.getTypeMap()).toSorted())
    // The operations of the cases below are ones that a client could send.
    for (const { operation } of operationsOf(known).shown) expect(validate(api, documentOf(operation))).toEqual([])
  })

  it.each(scopeSets.map((set) => [set.join(' ') || 'none', set] as const))(
    'is exactly what the gateway lets the caller ask for, with scopes %s',
    async (_name, set) => {
      const policy = createFieldPolicy(graph.snapshot.supergraphSchema)
      const caller = testCaller({ scopes: set })
      const known = await introspected(set)
      const { shown, hidden } = operationsOf(known)
      expect(shown.flatMap(({ operation }) => policy.filter(operation, caller).denials)).toEqual([])
      const answered = hidden.flatMap(({ operation, path, fields, typeName }) => {
        const denied = policy.filter(operation, caller).denials.map((denial) => denial.path.join('.'))
        const isDenied = (at: readonly string[]) =>
          at.some((_part, index) => denied.includes(at.slice(0, index + 1).join('.')))
        return fields.filter((field) => !isDenied([...path, field])).map((field) => `${typeName}.${field}`)
      })
      expect(answered).toEqual([])
    },
  )

  it('is what the whole gateway answers for: no error where it is shown, one at each field where it is not', async () => {
    const set = demoApps.find(({ slug }) => slug === 'thamesgate-quoting')?.scopes ?? []
    const { shown, hidden } = operationsOf(await introspected(set))
    expect(shown.length).toBeGreaterThan(50)
    expect(hidden.length).toBeGreaterThan(50)
    for (const { operation } of shown) {
      const codes = (await ask(operation, set)).map(({ code }) => code)
      expect(codes, print(operation)).not.toContain('FORBIDDEN')
    }
    for (const { operation } of hidden) {
      const codes = (await ask(operation, set)).map(({ code }) => code)
      expect(codes, print(operation)).toContain('FORBIDDEN')
    }
  }, 60_000)

  it('has no mutations on a read-only plan, where the gateway refuses each of them', async () => {
    const known = await introspected(everyScope, { readOnly: true })
    expect(known.getMutationType()).toBeNull()
    expect(known.getType('RegisterDealInput')).toBeUndefined()
    expect(known.getType('DealRegistration')).toBeDefined()
    const { shown } = operationsOf(await introspected(everyScope))
    for (const { operation, typeName } of shown.filter(({ typeName: name }) => name === 'Mutation')) {
      const { errors } = await graph.run(documentOf(operation), { scopes: everyScope, limits: { readOnly: true } })
      expect(
        errors.map(({ code }) => code),
        typeName,
      ).toEqual(['PLAN_FORBIDS'])
    }
  })

  it('has no subscriptions and no field that the plan closes', async () => {
    const known = await introspected(everyScope, {
      openStreams: 0,
      fieldLimits: [
        { coordinate: 'Query.products', calls: 0, windowSeconds: 60 },
        { coordinate: 'Query.product', calls: 1, windowSeconds: 60 },
      ],
    })
    expect(known.getSubscriptionType()).toBeNull()
    expect(Object.keys(known.getQueryType()?.getFields() ?? {})).toContain('product')
    expect(Object.keys(known.getQueryType()?.getFields() ?? {})).not.toContain('products')
  })
})

async function ask(operation: OperationDefinitionNode, callerScopes: readonly string[]) {
  const options = { scopes: callerScopes }
  if (operation.operation !== OperationTypeNode.SUBSCRIPTION)
    return (await graph.run(documentOf(operation), options)).errors
  const answer = await graph.subscribe(print(operation), options)
  if (Symbol.asyncIterator in answer) throw new Error('a silent subgraph has opened a stream')
  return answer.errors
}
