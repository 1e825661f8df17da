import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'graphql'
import { type TestPipeline, createMiniGraph, generousLimits, testCaller } from './mini-graph.ts'

interface Product {
  readonly id: string
  readonly name: string
}

const products: Product[] = ['1', '2', '3'].map((id) => ({ id, name: `Product ${id}` }))

let graph: TestPipeline

beforeAll(async () => {
  graph = await createMiniGraph([
    {
      name: 'catalog',
      sdl: `
        type Query {
          products(first: Int = 3): [Product!] @authenticated
            @listSize(assumedSize: 50, slicingArguments: ["first"], requireOneSlicingArgument: false)
          thing(kind: String!): Thing @authenticated
          broken: String @authenticated
        }
        type Mutation { rename(id: ID!, name: String!): Product @authenticated }
        type Product @key(fields: "id") @authenticated {
          id: ID!
          name: String!
          margin: Int @requiresScopes(scopes: [["margin:read"]])
          secretName: String! @requiresScopes(scopes: [["secret:read"]])
        }
        union Thing = Product | Box
        type Box @authenticated { width: Int  label: String! }`,
      resolvers: {
        Query: {
          products: (_parent: unknown, { first }: { first: number }) => products.slice(0, first),
          thing: (_parent: unknown, { kind }: { kind: string }) =>
            kind === 'box' ? { __typename: 'Box', width: 3, label: 'B' } : { __typename: 'Product', ...products[0] },
          broken: () => {
            throw new Error('a secret of the database')
          },
        },
        Mutation: { rename: (_parent: unknown, args: Product) => args },
        Product: {
          __resolveReference: ({ id }: { id: string }) => products.find((product) => product.id === id) ?? null,
          margin: () => 20,
          secretName: () => 'x',
        },
      },
    },
    {
      name: 'stock',
      sdl: `
        type Query { bestseller: Product @authenticated }
        type Product @key(fields: "id") @authenticated {
          id: ID!
          onHand: Int @requiresScopes(scopes: [["stock:read"]])
          sites: [Site!] @authenticated @listSize(assumedSize: 2) 
        }
        type Site @authenticated { name: String! }`,
      resolvers: {
        Query: { bestseller: () => ({ id: '2' }) },
        Product: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          onHand: ({ id }: { id: string }) => Number(id) * 10,
          sites: () => [{ name: 'A' }, { name: 'B' }],
        },
      },
    },
  ])
})

describe('an operation over several subgraphs', () => {
  it('joins entities of a list with one fetch per subgraph', async () => {
    graph.fetches.length = 0
    const { data, errors } = await graph.run('{ products { n: name sites { name } onHand } }', {
      scopes: ['stock:read'],
    })
    expect(errors).toEqual([])
    expect(data).toEqual({
      products: ['1', '2', '3'].map((id) => ({
        n: `Product ${id}`,
        sites: [{ name: 'A' }, { name: 'B' }],
        onHand: Number(id) * 10,
      })),
    })
    expect(graph.fetches.map(({ subgraph }) => subgraph)).toEqual(['catalog', 'stock'])
  })

  it('sends each distinct entity once', async () => {
    graph.fetches.length = 0
    const { data } = await graph.run('{ a: bestseller { name } b: bestseller { name } }')
    expect(data).toEqual({ a: { name: 'Product 2' }, b: { name: 'Product 2' } })
    const entityFetches = graph.fetches.filter(({ query }) => query.includes('_entities'))
    expect(entityFetches.flatMap(({ variables }) => Object.values(variables).flat())).toEqual([
      { __typename: 'Product', id: '2' },
    ])
  })

  it('projects unions, fragments, aliases, __typename and @skip', async () => {
    const query = `query ($kind: String!, $no: Boolean!) {
      __typename
      thing(kind: $kind) { __typename ...B ... on Product { n: name name @skip(if: $no) } }
    } fragment B on Box { label width @include(if: $no) }`
    expect((await graph.run(query, { variables: { kind: 'box', no: false } })).data).toEqual({
      __typename: 'Query',
      thing: { __typename: 'Box', label: 'B' },
    })
    expect((await graph.run(query, { variables: { kind: 'product', no: true } })).data).toEqual({
      __typename: 'Query',
      thing: { __typename: 'Product', n: 'Product 1' },
    })
  })

  it('tells nothing of an unknown fault inside a subgraph', async () => {
    const { data, errors } = await graph.run('{ broken products(first: 1) { name } }')
    expect(data).toEqual({ broken: null, products: [{ name: 'Product 1' }] })
    expect(errors.map(({ code, path }) => ({ code, path }))).toEqual([{ code: 'INTERNAL', path: ['broken'] }])
    expect(JSON.stringify(errors)).not.toContain('secret of the database')
  })

  it('answers introspection beside data', async () => {
    const { data, errors } = await graph.run('{ __type(name: "Site") { name } products(first: 1) { name } }')
    expect(errors).toEqual([])
    expect(data).toEqual({ __type: { name: 'Site' }, products: [{ name: 'Product 1' }] })
  })
})

describe('a field that the caller may not see', () => {
  it('is null with a coded error, and no fetch is made for it', async () => {
    graph.fetches.length = 0
    const { data, errors } = await graph.run('{ products { name onHand } }')
    expect(data).toEqual({ products: products.map(({ name }) => ({ name, onHand: null })) })
    expect(errors.map((error) => error.toJSON())).toEqual([
      {
        message: 'Your app lacks a scope that Product.onHand requires.',
        path: ['products', 'onHand'],
        extensions: { code: 'FORBIDDEN', coordinate: 'Product.onHand', requiredScopes: [['stock:read']] },
      },
    ])
    expect(graph.fetches.map(({ subgraph }) => subgraph)).toEqual(['catalog'])
  })

  it('is not let through by an alias, a fragment or a union', async () => {
    graph.fetches.length = 0
    const { data, errors } = await graph.run(
      `{ thing(kind: "p") { ... on Product { a: margin ...M } } } fragment M on Product { b: margin }`,
    )
    expect(data).toEqual({ thing: { a: null, b: null } })
    expect(errors.map(({ code }) => code)).toEqual(['FORBIDDEN', 'FORBIDDEN'])
    expect(graph.fetches.some(({ query }) => query.includes('margin'))).toBe(false)
  })

  it('is told only when the operation asks for it', async () => {
    const query = `query ($with: Boolean!) { products(first: 1) {
      name ... @include(if: $with) { margin } onHand @skip(if: true) } }`
    expect((await graph.run(query, { variables: { with: false } })).errors).toEqual([])
    const { data, errors } = await graph.run(query, { variables: { with: true } })
    expect(data).toEqual({ products: [{ name: 'Product 1', margin: null }] })
    expect(errors.map(({ path }) => path)).toEqual([['products', 'margin']])
  })

  it('makes its parent null when it cannot be null, and says why once', async () => {
    const { data, errors } = await graph.run('{ products(first: 1) { secretName } bestseller { id } }')
    expect(data).toEqual({ products: null, bestseller: { id: '2' } })
    expect(errors.map(({ code }) => code)).toEqual(['FORBIDDEN'])
  })

  it('is fetched for a caller with the scope', async () => {
    const { data, errors } = await graph.run('{ products(first: 1) { margin } }', { scopes: ['margin:read'] })
    expect(errors).toEqual([])
    expect(data).toEqual({ products: [{ margin: 20 }] })
  })
})

describe('the cost of an operation', () => {
  it('is estimated from page sizes, charged, and settled by what came', async () => {
    const { extensions } = await graph.run('query ($n: Int) { products(first: $n) { name sites { name } } }', {
      variables: { n: 10 },
      appId: 'app_cost',
    })
    // Ten products at 1 with two sites each at 1; three products came.
    expect(extensions['cost']).toEqual({
      requestedQueryCost: 30,
      actualQueryCost: 9,
      throttleStatus: { maximumAvailable: 100_000, currentlyAvailable: 99_991, restoreRate: 1_000 },
    })
  })

  it('counts repeated, aliased and spread fields each', async () => {
    const { extensions } = await graph.run(
      '{ a: bestseller { id } b: bestseller { id } ...Q ...Q } fragment Q on Query { c: bestseller { id } }',
    )
    expect(extensions['cost']).toMatchObject({ requestedQueryCost: 4 })
  })

  it('refuses what the plan lets no operation cost, before any fetch, and names the dearest fields', async () => {
    graph.fetches.length = 0
    const { data, errors, extensions } = await graph.run('{ products(first: 200) { name sites { name } } }', {
      limits: { maxQueryCost: 500 },
    })
    expect(data).toBeUndefined()
    expect(errors[0]?.extensions).toEqual({
      code: 'COST_LIMIT_EXCEEDED',
      requestedQueryCost: 600,
      maximumQueryCost: 500,
      dearestFields: [
        { path: 'products.sites', coordinate: 'Product.sites', cost: 400 },
        { path: 'products', coordinate: 'Query.products', cost: 200 },
      ],
    })
    expect(extensions['cost']).toMatchObject({ requestedQueryCost: 600, actualQueryCost: null })
    expect(graph.fetches).toEqual([])
  })

  it('throttles a drained bucket and says when to come back', async () => {
    const limits = { bucketSize: 10, restoreRate: 2, maxQueryCost: 10 }
    const run = () => graph.run('{ products(first: 2) { name sites { name } } }', { limits, appId: 'app_drained' })
    expect((await run()).errors).toEqual([])
    const { data, errors } = await run()
    expect(data).toBeUndefined()
    expect(errors[0]?.extensions).toEqual({
      code: 'THROTTLED',
      retryAfter: 1,
      limit: { name: 'points', unit: 'POINTS', most: 10, used: 6, remaining: 4 },
    })
  })

  it('refuses a mutation on a read-only plan', async () => {
    const { errors } = await graph.run('mutation { rename(id: "1", name: "x") { name } }', {
      limits: { readOnly: true },
    })
    expect(errors.map(({ code }) => code)).toEqual(['PLAN_FORBIDS'])
  })

  it('counts introspection, each time', async () => {
    const { extensions } = await graph.run('{ a: __schema { __typename } b: __type(name: "Site") { name } }')
    expect(extensions['cost']).toMatchObject({ requestedQueryCost: 200, actualQueryCost: 200 })
  })

  it('does not plan what is too dear to run', async () => {
    const plans: unknown[] = []
    const planned = await createMiniGraph([
      { name: 'one', sdl: 'type Query { a: Int @authenticated @cost(weight: 50) }', resolvers: {} },
    ])
    const snapshot = {
      ...planned.snapshot,
      plan: (...call: unknown[]): never => {
        plans.push(call)
        throw new Error('planned')
      },
    }
    const { errors } = await planned.pipeline.execute({
      snapshot,
      document: parse('{ a }'),
      operationName: undefined,
      variables: {},
      requestId: 'test',
      identity: { caller: testCaller(), limits: { ...generousLimits, maxQueryCost: 49 } },
      signal: new AbortController().signal,
    })
    expect(errors[0]?.code).toBe('COST_LIMIT_EXCEEDED')
    expect(plans).toEqual([])
  })

  it('takes nothing for an operation that came to the wrong front', async () => {
    const appId = 'app_front'
    const refused = await graph.subscribe('{ products { name } }', { appId })
    expect(refused).toMatchObject({ errors: [{ code: 'BAD_REQUEST' }] })
    const { extensions } = await graph.run('{ bestseller { id } }', { appId })
    expect(extensions['cost']).toMatchObject({ throttleStatus: { currentlyAvailable: 100_000 - 1 } })
  })

  it('refunds nothing to a client that went away before its answer', async () => {
    const query = '{ products(first: 10) { name sites { name } } }'
    const gone = AbortSignal.abort()
    await graph.run(query, { appId: 'app_gone', signal: gone })
    const { extensions } = await graph.run('{ __typename }', { appId: 'app_gone' })
    expect(extensions['cost']).toMatchObject({ throttleStatus: { currentlyAvailable: 100_000 - 30 - 1 } })
  })

  it('makes an impossible page size expensive, not cheap', async () => {
    for (const first of [2 ** 31 - 1, 1_000_000]) {
      const { errors } = await graph.run('query ($n: Int) { products(first: $n) { name } }', {
        variables: { n: first },
      })
      expect(errors[0]?.code).toBe('COST_LIMIT_EXCEEDED')
    }
    const { extensions } = await graph.run('query ($n: Int) { products(first: $n) { name } }', {
      variables: { n: null },
    })
    expect(extensions['cost']).toMatchObject({ requestedQueryCost: 50 })
  })
})

describe('limits on the operation itself', () => {
  it('refuses too many aliases, root fields and directives', async () => {
    const aliases = Array.from({ length: 61 }, (_, index) => `a${index}: id`).join(' ')
    expect(await refusedBecause(`{ bestseller { ${aliases} } }`)).toBe('aliases')
    expect(await refusedBecause(`{ ${'bestseller { id } '.repeat(31)} }`)).toBe('rootFields')
    expect(await refusedBecause(`{ bestseller { id ${'@skip(if: false) '.repeat(61)} } }`)).toBe('directives')
  })

  it('refuses fragments that double at each of 26 levels without expanding them', async () => {
    const fragments = Array.from(
      { length: 26 },
      (_, level) => `fragment F${level} on Product { ...F${level + 1} ...F${level + 1} }`,
    )
    expect(
      await refusedBecause(`{ bestseller { ...F0 } } ${fragments.join(' ')} fragment F26 on Product { id name }`),
    ).toBe('fields')
  })

  it('takes only own properties for variables, and no alias that is no data', async () => {
    for (const name of ['toString', 'constructor', 'hasOwnProperty']) {
      const { data, errors } = await graph.run(`query ($${name}: Int) { products(first: $${name}) { name } }`)
      expect(errors).toEqual([])
      expect(data?.['products']).toHaveLength(3)
    }
    const { errors } = await graph.run('{ bestseller { __proto__: name } }')
    expect(errors[0]?.code).toBe('GRAPHQL_VALIDATION_FAILED')
  })

  it('refuses variables nested beyond reason', async () => {
    let value: unknown = 'x'
    for (let depth = 0; depth < 10_000; depth++) value = [value]
    const { errors } = await graph.run('query ($n: Int) { products(first: $n) { name } }', { variables: { n: value } })
    expect(errors[0]?.code).toBe('BAD_USER_INPUT')
  })
})

async function refusedBecause(query: string): Promise<unknown> {
  const { data, errors } = await graph.run(query)
  expect(data).toBeUndefined()
  expect(errors[0]?.code).toBe('OPERATION_TOO_COMPLEX')
  return errors[0]?.extensions['limit']
}
