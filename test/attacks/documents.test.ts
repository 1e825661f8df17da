import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PlannerFactory } from '../../gateway/plan/choose-planner.ts'
import type { Planner } from '../../gateway/plan/planner.ts'
import { type AttackGraph, type Headers, startAttackGraph } from './attack-graph.ts'

let graph: AttackGraph
let attacker: Headers

/** Told of each operation that is planned, by whichever planner the gateway has. */
const plan = vi.hoisted(() => vi.fn<(...args: Parameters<Planner['plan']>) => void>())
vi.mock(import('../../gateway/plan/choose-planner.ts'), async (original) => {
  const { choosePlanner } = await original()
  return {
    choosePlanner: (...wanted): PlannerFactory => {
      const planners = choosePlanner(...wanted)
      return {
        ...planners,
        create(...made) {
          const planner = planners.create(...made)
          return {
            name: planner.name,
            plan(operation) {
              plan(operation)
              return planner.plan(operation)
            },
          }
        },
      }
    },
  }
})

beforeAll(async () => {
  graph = await startAttackGraph({ limits: 'lifted' })
  attacker = graph.key('operator-console')
  await graph.ask(attacker, '{ __typename }')
})
afterAll(() => graph[Symbol.asyncDispose]())
beforeEach(() => {
  plan.mockClear()
})

const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ')

/** Fragments of which each spreads the next twice. */
function doubling(levels: number): string {
  const fragments = times(levels, (level) => `fragment F${level} on Product { ...F${level + 1} ...F${level + 1} }`)
  return `{ products(first: 1) { nodes { ...F0 } } } ${fragments} fragment F${levels} on Product { name }`
}
const product = (fields: string): string => `{ products(first: 1) { nodes { ${fields} } } }`

const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`
const post = async (body: string, headers: Headers = {}): Promise<readonly [number, unknown]> => {
  const accept = 'application/graphql-response+json'
  const all = { accept, 'content-type': 'application/json', ...attacker, ...headers }
  const { status, errors } = await graph.send({ method: 'POST', headers: all, body })
  return [status, errors[0]?.extensions?.['code']]
}
const withVariables = (variables: string): string =>
  `{"query":"query ($search: String) { products(search: $search, first: 1) { totalCount } }","variables":${variables}}`

const parse = 'GRAPHQL_PARSE_FAILED'
const invalid = 'GRAPHQL_VALIDATION_FAILED'
const complex = 'OPERATION_TOO_COMPLEX'

describe('a document that would be dear to work on is refused before it is planned:', () => {
  it.each<[name: string, code: string, query: string]>([
    ['1,000 aliases', complex, `{ ${times(1_000, (index) => `a${index}: __typename`)} }`],
    [
      '1,000 aliases of a list',
      parse,
      `{ ${times(1_000, (index) => `a${index}: products(first: 1) { totalCount }`)} }`,
    ],
    ['61 aliases', complex, product(times(61, (index) => `a${index}: name`))],
    ['a field 2,000 times', complex, product(times(2_000, () => 'name'))],
    ['a root field 40 times', complex, `{ ${times(40, () => 'products(first: 1) { totalCount }')} }`],
    ['fragments that double 26 times', complex, doubling(26)],
    ['61 directives', complex, product(times(61, () => 'name @include(if: true)'))],
    ['600 directives', invalid, product(`name ${'@include(if: true) '.repeat(600)}`)],
    ['600 unknown directives', invalid, product(`name ${'@nothing '.repeat(600)}`)],
    ['40,000 tokens', parse, `{ ${'name '.repeat(40_000)} }`],
    ['40,000 tokens of a list', parse, `{ products(search: [${'1 '.repeat(40_000)}]) { totalCount } }`],
    [
      '900 fields to compare in pairs',
      invalid,
      product(times(900, (index) => (index % 2 ? 'name' : 'name @skip(if: true)'))),
    ],
    [
      'pairs below pairs',
      complex,
      `{ ${times(25, () => `products(first: 1) { nodes { ${times(50, () => 'name')} } }`)} }`,
    ],
    ['2,400 open braces', parse, `{ ${'a { '.repeat(2_400)}`],
    ['4,000 open brackets', parse, `{ products(search: ${'['.repeat(4_000)}) { totalCount } }`],
    [
      'hops 40 deep',
      complex,
      `{ myApp { ${'organization { apps(first: 1) { nodes { '.repeat(13)} name ${'} } } '.repeat(13)} } }`,
    ],
    [
      'hops 21 deep',
      complex,
      `{ myOrganization { apps(first: 1) { nodes { ${'organization { apps(first: 1) { nodes { '.repeat(6)} name ${'} } } '.repeat(6)} } } } }`,
    ],
    [
      'introspection in a ring',
      invalid,
      `{ __schema { types { ${'fields { type { '.repeat(5)} name ${'} } '.repeat(5)} } } }`,
    ],
    [
      'introspection 34 deep',
      complex,
      `{ __schema { types { fields { type { ${'ofType { '.repeat(30)} name ${'} '.repeat(30)} } } } } }`,
    ],
    ['a fragment that spreads itself', invalid, '{ ...F } fragment F on Query { ...F }'],
    ['fragments in a ring', invalid, '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'],
    ['1,000 operations', 'OPERATION_RESOLUTION_FAILURE', times(1_000, (index) => `query Q${index} { __typename }`)],
    [
      '1,000 unused fragments',
      parse,
      `{ __typename } ${times(1_000, (index) => `fragment F${index} on Query { __typename }`)}`,
    ],
    ['1,000 unused variables', invalid, `query (${times(1_000, (index) => `$v${index}: Int`)}) { __typename }`],
  ])('%s', async (_name, code, query) => {
    const fetches = graph.fetches()
    const { status, data, errors, text } = await graph.ask(attacker, query)
    expect(data, text.slice(0, 300)).toBeUndefined()
    expect([status, errors[0]?.extensions?.['code']], text.slice(0, 300)).toEqual([400, code])
    expect(plan).not.toHaveBeenCalled()
    expect(graph.fetches()).toBe(fetches)
  })
})

describe('what comes beside a document is refused as well:', () => {
  it('a variable 20,000 deep', async () => {
    expect(await post(withVariables(`{"search":${deep(20_000)}}`))).toEqual([400, 'BAD_USER_INPUT'])
    expect(await post(withVariables(`{"unused":${deep(20_000)}}`))).toEqual([400, 'BAD_USER_INPUT'])
    expect(await post(withVariables(deep(20_000)))).toEqual([400, 'BAD_REQUEST'])
  })

  it('an array of operations, however short', async () => {
    for (const batch of [
      '[]',
      '[{"query":"{ __typename }"}]',
      `[${times(999, () => '{"query":"{ __typename }"},')}{}]`,
    ])
      expect(await post(batch)).toEqual([400, 'BAD_REQUEST'])
  })

  it('extensions 20,000 deep', async () => {
    const answer = await post(`{"query":"{ __typename }","extensions":${deep(20_000)}}`)
    expect(answer[0]).toBeLessThan(500)
  })
})

describe('one plan', () => {
  it('is made of a document, however often it is asked and whatever its variables are', async () => {
    const query =
      'query ($first: Int, $with: Boolean!) { products(first: $first) { nodes { name skus @include(if: $with) { totalCount } } } }'
    for (const first of [1, 2, 3, 4]) {
      const { data } = await graph.ask(attacker, query, { first, with: first % 2 === 0 })
      expect(data.products.nodes).toHaveLength(first)
    }
    // One with the condition met, one without.
    expect(plan).toHaveBeenCalledTimes(2)
  })

  it('of entities in each other has as many fetches as there are levels, not as there are fields', async () => {
    const fetches = graph.fetches()
    const hops = 'organization { name tier { name } apps(first: 1) { nodes { plan { name } '
    const query = `{ apps(first: 3) { nodes { name ${hops.repeat(4)} ${'} } } '.repeat(4)} } } }`
    const { data, text } = await graph.ask(attacker, query)
    expect(data, text.slice(0, 300)).toBeTypeOf('object')
    expect(plan).toHaveBeenCalledTimes(1)
    expect(graph.fetches() - fetches).toBeLessThanOrEqual(10)
  })
})

it('nothing of what was asked has told what is inside', () => {
  expect(graph.leaks).toEqual([])
})
