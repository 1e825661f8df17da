import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createId, seededId } from '../../kit/ids.ts'
import { seedCatalog } from '../../subgraphs/catalog/seed.ts'
import { catalogSubgraph } from '../../subgraphs/catalog/subgraph.ts'
import { demoProducts } from '../../subgraphs/demo-world/products.ts'
import { eventsAbout } from './events-about.ts'
import { type SubgraphUnderTest, callerOf, operator, startSubgraph } from './subgraph-under-test.ts'

let catalog: SubgraphUnderTest
beforeAll(async () => {
  catalog = await startSubgraph(catalogSubgraph, seedCatalog)
})
afterAll(() => catalog.stop())

interface Payload {
  readonly entitlement: { id: string; state: string } | null
  readonly userErrors: readonly { code: string; message: string }[]
}

async function run<Data>(as: typeof operator, query: string, variables?: Record<string, unknown>): Promise<Data> {
  const { data, errors } = await catalog.execute<Data>(as, query, variables)
  expect(errors).toBeUndefined()
  return data
}

const grant = async (input: Record<string, unknown>): Promise<Payload> => {
  const query = `mutation ($input: GrantEntitlementInput!) {
    grantEntitlement(input: $input) { entitlement { id state } userErrors { code message } } }`
  return (await run<{ grantEntitlement: Payload }>(operator, query, { input })).grantEntitlement
}

const revoke = async (id: string | undefined): Promise<Payload> => {
  const query = `mutation ($id: ID!) {
    revokeEntitlement(input: { id: $id }) { entitlement { id state } userErrors { code message } } }`
  return (await run<{ revokeEntitlement: Payload }>(operator, query, { id })).revokeEntitlement
}

let partners = 0

/** A new approved partner with neither tier nor territory unless told otherwise, as the partner subgraph tells of it. */
async function partner(fields: Record<string, unknown> = {}) {
  const slug = `newcomer-${(partners += 1)}`
  const caller = callerOf(slug)
  const data = {
    name: slug,
    type: 'RESELLER',
    status: 'APPROVED',
    tierId: null,
    territories: [],
    country: 'DE',
    ...fields,
  }
  const tell = (changed: Record<string, unknown> = {}) =>
    catalog.react({ type: 'organization.changed', subject: caller.organizationId, data: { ...data, ...changed } })
  await tell()
  return { caller, tell }
}

/** Everything through which a product could be seen, for one caller. */
async function seen(as: typeof operator, { id, skus, name, family }: (typeof demoProducts)[number]) {
  const sku = skus[0]
  const query = `query ($id: ID!, $skuId: ID!, $code: String!, $gtin: String!, $family: String!, $name: String!, $r: [_Any!]!) {
    product(id: $id) { id } sku(id: $skuId) { id } skuByCode(code: $code) { id } price(sku: $skuId) { outcome }
    all: products(first: 250) { totalCount nodes { id } } inFamily: products(family: $family) { totalCount nodes { id } }
    found: products(search: $name) { totalCount nodes { id } } allSkus: skus(first: 250) { nodes { id } }
    ofProduct: skus(productId: $id) { totalCount nodes { id } } byGtin: skus(gtin: $gtin) { totalCount nodes { id } }
    _entities(representations: $r) { __typename } }`
  const data = await run<Record<string, unknown>>(as, query, {
    id,
    skuId: sku?.id,
    code: sku?.code,
    gtin: sku?.gtin,
    family,
    name,
    r: [
      { __typename: 'Product', id },
      { __typename: 'Sku', id: sku?.id },
    ],
  })
  const text = JSON.stringify(data)
  return {
    anything: text.includes(id) || text.includes(sku?.id ?? '') || JSON.stringify(data['_entities']).includes('Pr'),
    data: data as typeof data & { all: { totalCount: number; nodes: unknown[] }; price: { outcome: string } | null },
  }
}

const monitor = demoProducts.find(({ family }) => family === 'Monitors') as (typeof demoProducts)[number]
const notebook = demoProducts.find(({ family }) => family === 'Notebooks') as (typeof demoProducts)[number]

describe('what no entitlement lets me view', () => {
  test('is not there, by whatever way I ask, and is once I am granted it, until that is revoked', async () => {
    const { caller } = await partner()
    const nothing = await seen(caller, monitor)
    expect(nothing.anything).toBe(false)
    expect(nothing.data).toEqual({
      product: null,
      sku: null,
      skuByCode: null,
      price: null,
      all: { totalCount: 0, nodes: [] },
      inFamily: { totalCount: 0, nodes: [] },
      found: { totalCount: 0, nodes: [] },
      allSkus: { nodes: [] },
      ofProduct: { totalCount: 0, nodes: [] },
      byGtin: { totalCount: 0, nodes: [] },
      _entities: [null, null],
    })
    const granted = await grant({ organizationId: caller.organizationId, action: 'VIEW', productId: monitor.id })
    const one = await seen(caller, monitor)
    expect(one.data).toMatchObject({
      product: { id: monitor.id },
      all: { totalCount: 1, nodes: [{ id: monitor.id }] },
      inFamily: { totalCount: 1, nodes: [{ id: monitor.id }] },
      found: { totalCount: 1 },
      ofProduct: { totalCount: 5 },
      byGtin: { totalCount: 1 },
      price: { outcome: 'NOT_ENTITLED' },
      _entities: [{ __typename: 'Product' }, { __typename: 'Sku' }],
    })
    expect(await revoke(granted.entitlement?.id)).toMatchObject({ entitlement: { state: 'REVOKED' }, userErrors: [] })
    expect((await seen(caller, monitor)).anything).toBe(false)
  })

  test('comes with my tier and my territory, and goes with them and with my approval', async () => {
    const tierId = createId('PartnerTier')
    const { caller, tell } = await partner()
    await grant({ tierId, action: 'VIEW', family: 'Monitors' })
    await grant({ territory: 'ATLANTIS', action: 'VIEW', productId: notebook.id })
    const count = async () => (await seen(caller, monitor)).data.all.totalCount
    expect(await count()).toBe(0)
    await tell({ tierId })
    expect(await count()).toBe(5)
    await tell({ tierId, territories: ['DACH', 'ATLANTIS'] })
    // The Notebooks of DACH are not granted to the territory but to tiers.
    expect(await count()).toBe(6)
    await tell({ tierId, territories: ['ATLANTIS'], status: 'SUSPENDED' })
    expect(await count()).toBe(0)
  })

  test('stays as it is when an event is handled again after a later one', async () => {
    const { caller, tell } = await partner()
    await grant({ organizationId: caller.organizationId, action: 'VIEW', family: 'Audio' })
    const early = new Date(Date.now() - 60_000)
    const data = { name: 'x', type: 'SI', status: 'SUSPENDED', tierId: null, territories: [], country: 'DE' }
    await catalog.react({ type: 'organization.suspended', subject: caller.organizationId, data, time: early })
    expect((await seen(caller, monitor)).data.all.totalCount).toBe(5)
    await tell({ status: 'TERMINATED' })
    expect((await seen(caller, monitor)).data.all.totalCount).toBe(0)
  })

  test('of two overlapping entitlements is still allowed by the other', async () => {
    const { caller } = await partner()
    const { organizationId } = caller
    const byProduct = await grant({ organizationId, action: 'VIEW', productId: monitor.id })
    const byFamily = await grant({ organizationId, action: 'VIEW', family: 'Monitors' })
    expect((await seen(caller, monitor)).data.all.totalCount).toBe(5)
    await revoke(byProduct.entitlement?.id)
    expect((await seen(caller, monitor)).anything).toBe(true)
    await revoke(byFamily.entitlement?.id)
    expect((await seen(caller, monitor)).anything).toBe(false)
  })
})

/** What comes of asking for the price of one of the demo's servers. */
async function priceOfServer(slug: string, productIndex: number) {
  const server = demoProducts.filter(({ family }) => family === 'Servers')[productIndex]
  const query = 'query ($id: ID!) { price(sku: $id) { outcome } sku(id: $id) { price { quantity } } }'
  return run<{ price: { outcome: string } }>(callerOf(slug), query, { id: server?.skus[0]?.id })
}

describe('selling and registering', () => {
  test('are granted by themselves, and told with the product', async () => {
    const { caller } = await partner()
    const { organizationId } = caller
    await grant({ organizationId, action: 'VIEW', family: 'Monitors' })
    await grant({ organizationId, action: 'SELL', productId: monitor.id })
    await grant({ organizationId, action: 'REGISTER', family: 'Monitors' })
    const data = await run<{ products: { nodes: { id: string; entitledTo: string[] }[] } }>(
      caller,
      '{ products(family: "Monitors") { nodes { id entitledTo } } }',
    )
    for (const { id, entitledTo } of data.products.nodes) {
      expect(entitledTo).toEqual(id === monitor.id ? ['VIEW', 'SELL', 'REGISTER'] : ['VIEW', 'REGISTER'])
    }
    expect((await seen(caller, monitor)).data.price?.outcome).toBe('PRICED')
  })

  test('of servers begins with silver in the demo, but of one server in all of the Nordics', async () => {
    expect(await priceOfServer('polder', 0)).toMatchObject({ price: { outcome: 'PRICED' } })
    expect(await priceOfServer('contoso', 0)).toEqual({ price: { outcome: 'NOT_ENTITLED' }, sku: { price: null } })
    expect(await priceOfServer('suomitek', 0)).toMatchObject({ price: { outcome: 'PRICED' } })
    expect(await priceOfServer('suomitek', 1)).toMatchObject({ price: { outcome: 'NOT_ENTITLED' } })
  })
})

describe('granting and revoking', () => {
  test('leave one entitlement and one event when twenty grant the same at once', async () => {
    const { caller } = await partner()
    const input = { organizationId: caller.organizationId, action: 'VIEW', family: 'Power' }
    const answers = await Promise.all(Array.from({ length: 20 }, () => grant(input)))
    const winners = answers.flatMap(({ entitlement }) => entitlement?.id ?? [])
    expect(winners).toHaveLength(1)
    expect(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code))).toEqual(
      Array.from({ length: 19 }, () => 'ALREADY_GRANTED'),
    )
    expect(await eventsAbout(catalog.connection, winners)).toEqual([
      {
        type: 'entitlement.granted',
        subject: winners[0],
        data: {
          organizationId: caller.organizationId,
          tierId: null,
          territory: null,
          action: 'VIEW',
          productId: null,
          family: 'Power',
        },
      },
    ])
    const revoked = await Promise.all(Array.from({ length: 5 }, () => revoke(winners[0])))
    expect(revoked.filter(({ entitlement }) => entitlement !== null)).toHaveLength(1)
    expect(revoked.flatMap(({ userErrors }) => userErrors)).toMatchObject(
      Array.from({ length: 4 }, () => ({
        code: 'ILLEGAL_TRANSITION',
        message: expect.stringContaining('REVOKED') as unknown,
      })),
    )
    expect((await eventsAbout(catalog.connection, winners)).map(({ type }) => type)).toEqual([
      'entitlement.granted',
      'entitlement.revoked',
    ])
  })

  test.each([
    ['nobody', { action: 'VIEW', family: 'Power' }, 'INVALID_INPUT'],
    ['two at once', { action: 'VIEW', family: 'Power', territory: 'DACH', tierId: 'tier_x' }, 'INVALID_INPUT'],
    ['nothing', { action: 'VIEW', territory: 'DACH' }, 'INVALID_INPUT'],
    ['a stranger', { action: 'VIEW', family: 'Power', organizationId: 'org_nobody' }, 'UNKNOWN_ORGANIZATION'],
    ['an unknown product', { action: 'VIEW', territory: 'DACH', productId: 'prod_nothing' }, 'UNKNOWN_PRODUCT'],
    ['what is no tier', { action: 'VIEW', tierId: 'gold', family: 'Power' }, 'INVALID_INPUT'],
  ])('refuse %s', async (_case, input, code) => {
    expect((await grant(input)).userErrors).toMatchObject([{ code }])
  })

  test("are the operator's, and so are the entitlements", async () => {
    const northwind = callerOf('northwind')
    const id = seededId('Entitlement', `tier:${seededId('PartnerTier', 'gold')}:family:Servers:SELL`)
    const refused = await catalog.execute(
      northwind,
      'mutation { grantEntitlement(input: { territory: "DACH", action: SELL, family: "x" }) { userErrors { code } } }',
    )
    expect(refused.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    const listed = await catalog.execute(northwind, '{ entitlements { totalCount } }')
    expect(listed.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    expect(await run(northwind, 'query ($id: ID!) { entitlement(id: $id) { id } }', { id })).toEqual({
      entitlement: null,
    })
    expect(await run(operator, 'query ($id: ID!) { entitlement(id: $id) { action family } }', { id })).toEqual({
      entitlement: { action: 'SELL', family: 'Servers' },
    })
  })
})

test('pages hold exactly what a caller may view, in order and each once, however it is granted', async () => {
  const families = [...new Set(demoProducts.map(({ family }) => family))]
  const history = fc.record({
    families: fc.uniqueArray(fc.constantFrom(...families), { maxLength: 7 }),
    products: fc.uniqueArray(fc.nat(demoProducts.length - 1), { maxLength: 6 }),
    revoked: fc.nat(12),
    first: fc.integer({ min: 1, max: 9 }),
    status: fc.constantFrom(null, 'ACTIVE', 'DISCONTINUED'),
    family: fc.option(fc.constantFrom(...families)),
  })
  await fc.assert(
    fc.asyncProperty(history, async (drawn) => {
      const { caller } = await partner()
      const { organizationId } = caller
      const inputs = [
        ...drawn.families.map((family) => ({ family })),
        ...drawn.products.map((index) => ({ productId: demoProducts[index]?.id })),
      ]
      const granted: { id: string | undefined; goods: { family?: string; productId?: string | undefined } }[] = []
      for (const goods of inputs) {
        const { entitlement } = await grant({ organizationId, action: 'VIEW', ...goods })
        granted.push({ id: entitlement?.id, goods })
      }
      const [gone] = granted.splice(drawn.revoked, 1)
      if (gone) await revoke(gone.id)
      const expected = demoProducts
        .filter(({ id, family }) => granted.some(({ goods }) => goods.family === family || goods.productId === id))
        .filter(({ status }) => drawn.status === null || status === drawn.status)
        .filter(({ family }) => drawn.family === null || family === drawn.family)
        .toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))

      const names: string[] = []
      let after: string | null = null
      do {
        const query = `query ($first: Int, $after: String, $status: ProductStatus, $family: String) {
          products(first: $first, after: $after, status: $status, family: $family) {
            totalCount nodes { name } pageInfo { hasNextPage endCursor } } }`
        interface Page {
          products: {
            totalCount: number
            nodes: { name: string }[]
            pageInfo: { hasNextPage: boolean; endCursor: string }
          }
        }
        const { first, status, family } = drawn
        const { products }: Page = await run<Page>(caller, query, { first, after, status, family })
        expect(products.totalCount).toBe(expected.length)
        names.push(...products.nodes.map(({ name }) => name))
        after = products.pageInfo.hasNextPage ? products.pageInfo.endCursor : null
      } while (after !== null)
      expect(names).toEqual(expected.map(({ name }) => name))
    }),
    { numRuns: 25 },
  )
}, 60_000)
