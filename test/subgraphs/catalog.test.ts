import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seededId } from '../../kit/ids.ts'
import { demoProducts, demoSkus } from '../../subgraphs/demo-world/products.ts'
import { type DemoGraph, demoCaller, startDemoGraph } from './demo-graph.ts'

const northwind = demoCaller('northwind-portal')
const operator = demoCaller('operator-console')
/** A notebook, on the contract of Northwind: 979 euros on the default list. */
const notebook = { id: seededId('Sku', 'NB-120-A'), code: 'NB-120-A' }
/** A server, which the contract does not cover. */
const server = { id: seededId('Sku', 'SV-510-A'), code: 'SV-510-A' }

const organization = (slug: string) => ({ __typename: 'Organization', id: seededId('Organization', slug) })

let graph: DemoGraph
beforeAll(async () => {
  graph = await startDemoGraph(['catalog'])
})
afterAll(async () => graph[Symbol.asyncDispose]())

describe('the catalog', () => {
  test('tells a SKU by its code, with its product', async () => {
    const { data, errors } = await graph.run(
      'catalog',
      `{ skuByCode(code: "NB-120-A") { id code name gtin pack { unit quantity } minimumOrderQuantity leadTimeDays
           product { name family status description } } nothing: skuByCode(code: "NB-999-Z") { id } }`,
      { as: northwind },
    )
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({
      skuByCode: {
        id: notebook.id,
        name: 'Halden Work 14, 16 GB / 512 GB',
        pack: { unit: 'piece', quantity: 1 },
        product: { name: 'Halden Work 14', family: 'Notebooks' },
      },
      nothing: null,
    })
  })

  test('lists the products of one family only, by name', async () => {
    const { data } = await graph.run(
      'catalog',
      '{ products(family: "Monitors", first: 3) { totalCount nodes { name family } pageInfo { hasNextPage } } }',
      { as: northwind },
    )
    expect(data).toEqual({
      products: {
        totalCount: 5,
        nodes: ['Lumeo Colour 32 4K', 'Lumeo Office 24', 'Lumeo Office 27 QHD'].map((name) => ({
          name,
          family: 'Monitors',
        })),
        pageInfo: { hasNextPage: true },
      },
    })
  })

  test('lists the SKUs of one product, page by page', async () => {
    const product = demoProducts[0]
    const query = `query ($id: ID!, $after: String) { product(id: $id) { skus(first: 3, after: $after) {
      totalCount nodes { code } pageInfo { hasNextPage endCursor } } } }`
    const first = await graph.run('catalog', query, { as: northwind, variables: { id: product?.id } })
    const page = (first.data as { product: { skus: { pageInfo: { endCursor: string } } } }).product.skus
    const second = await graph.run('catalog', query, {
      as: northwind,
      variables: { id: product?.id, after: page.pageInfo.endCursor },
    })
    expect(page).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true } })
    expect(second.data).toMatchObject({
      product: {
        skus: { totalCount: 5, nodes: [{ code: 'NB-110-D' }, { code: 'NB-110-E' }], pageInfo: { hasNextPage: false } },
      },
    })
  })

  test('leaves what identifies a SKU to apps that may not read the catalog, and no more', async () => {
    const { data, errors } = await graph.run(
      'catalog',
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Sku { code name gtin price { total { amount } } } } }',
      {
        as: demoCaller('northwind-portal', { scopes: ['inventory:read'] }),
        variables: { r: [{ __typename: 'Sku', id: notebook.id }] },
      },
    )
    expect(data).toEqual({
      _entities: [{ code: 'NB-120-A', name: 'Halden Work 14, 16 GB / 512 GB', gtin: null, price: null }],
    })
    expect(errors?.map(({ extensions }) => extensions?.['requiredScopes'])).toEqual([
      [['catalog:read']],
      [['pricing:read']],
    ])
  })

  test('takes as many database queries for 80 products as for 3', async () => {
    const query = `query ($first: Int) { products(first: $first) { totalCount nodes { name
      skus(first: 2) { totalCount nodes { code product { name } price(quantity: 10) { total { amount } priceList { name } } } } } } }`
    const commandsFor = (first: number) =>
      graph.commandsOf(async () => {
        const { data, errors } = await graph.run('catalog', query, { as: northwind, variables: { first } })
        expect(errors).toBeUndefined()
        const { nodes } = (data as { products: { nodes: { skus: { nodes: unknown[] } }[] } }).products
        expect(nodes.map(({ skus }) => skus.nodes.length)).toEqual(nodes.map(() => 2))
        expect(nodes).toHaveLength(first)
      })
    const few = await commandsFor(3)
    expect(few.length).toBeLessThanOrEqual(12)
    expect((await commandsFor(80)).toSorted()).toEqual(few.toSorted())
  })

  test.each([
    ['a forged cursor', '{ skus(after: "W10") { nodes { code } } }', 'skus'],
    ['too large a page', '{ skus(first: 251) { nodes { code } } }', 'skus'],
    ['an endless family', `{ products(family: "${'x'.repeat(5_000)}") { nodes { name } } }`, 'products'],
  ])('refuses %s', async (_case, query, field) => {
    const { data, errors } = await graph.run('catalog', query, { as: northwind })
    expect(data).toEqual({ [field]: null })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })
})

describe('my price', () => {
  const query = `query ($id: ID!, $quantity: Int, $at: DateTimeISO) { sku(id: $id) { price(quantity: $quantity, at: $at) {
    unitPrice { amount currencyCode } total { amount } quantity listPrice { amount } priceList { name currencyCode } } } }`
  const priceFor = async (slug: string, variables: Record<string, unknown>) => {
    const { data, errors } = await graph.run('catalog', query, { as: demoCaller(slug), variables })
    expect(errors).toBeUndefined()
    return (data as { sku: { price: unknown } }).sku.price
  }

  test('is my contract price where the contract covers the goods, else that of my tier', async () => {
    expect(await priceFor('northwind-portal', { id: notebook.id })).toEqual({
      unitPrice: { amount: '822.36', currencyCode: 'EUR' },
      total: { amount: '822.36' },
      quantity: 1,
      listPrice: { amount: '979.00' },
      priceList: { name: 'Northwind workplace contract', currencyCode: 'EUR' },
    })
    expect(await priceFor('northwind-portal', { id: server.id })).toMatchObject({
      priceList: { name: 'Gold partner prices' },
    })
    expect(await priceFor('polder-shop', { id: notebook.id })).toMatchObject({
      priceList: { name: 'Silver partner prices' },
    })
    expect(await priceFor('operator-console', { id: notebook.id })).toMatchObject({
      priceList: { name: 'Gold partner prices' },
    })
  })

  test('falls with the quantity, and is the tier price once the contract is over', async () => {
    expect(await priceFor('northwind-portal', { id: notebook.id, quantity: 50 })).toMatchObject({
      quantity: 50,
      unitPrice: { amount: '764.79' },
      total: { amount: '38239.50' },
    })
    expect(await priceFor('northwind-portal', { id: notebook.id, at: '2030-01-01T00:00:00.000Z' })).toMatchObject({
      priceList: { name: 'Gold partner prices' },
    })
  })

  test('is null before any list began', async () => {
    expect(await priceFor('northwind-portal', { id: notebook.id, at: '2020-01-01T00:00:00.000Z' })).toBeNull()
  })

  test.each([0, -1, 1_000_001])('is refused for a quantity of %i', async (quantity) => {
    const { data, errors } = await graph.run('catalog', query, {
      as: northwind,
      variables: { id: notebook.id, quantity },
    })
    expect(data).toEqual({ sku: { price: null } })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'quantity' } }])
  })
})

describe('price lists', () => {
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) {
    ... on Organization { priceLists { name validFrom validTo } } ... on PriceList { name } } }`
  const read = (as: typeof northwind, representations: readonly object[]) =>
    graph.run('catalog', query, { as, variables: { r: representations } })

  test('of my organization are told first in precedence first', async () => {
    const { data } = await read(northwind, [{ __typename: 'Organization', id: northwind.organizationId }])
    expect(data).toMatchObject({
      _entities: [
        {
          priceLists: [
            { name: 'Northwind workplace contract' },
            { name: 'Gold partner prices', validTo: null },
            { name: 'List prices', validTo: null },
          ],
        },
      ],
    })
  })

  test('of another organization, and lists that do not apply to me, are null', async () => {
    const contract = { __typename: 'PriceList', id: seededId('PriceList', 'northwind') }
    const contoso = { __typename: 'Organization', id: seededId('Organization', 'contoso') }
    const fjordline = demoCaller('fjordline-portal')
    expect((await read(fjordline, [contract, contoso])).data).toEqual({ _entities: [null, null] })
    expect((await read(northwind, [contract])).data).toMatchObject({
      _entities: [{ name: 'Northwind workplace contract' }],
    })
    expect((await read(operator, [contract, contoso])).data).toMatchObject({
      _entities: [
        { name: 'Northwind workplace contract' },
        { priceLists: [{ name: 'List prices United Kingdom and Ireland' }, { name: 'List prices' }] },
      ],
    })
  })

  test('are the same number of database queries for every organization as for one', async () => {
    const one = await graph.commandsOf(() => read(operator, ['polder'].map(organization)))
    const many = await graph.commandsOf(() =>
      read(operator, ['polder', 'northwind', 'contoso', 'rhone', 'baltica'].map(organization)),
    )
    expect(many).toEqual(one)
    expect(one).toHaveLength(4)
  })
})

test('the seed prices every SKU on the default list', async () => {
  const prices = graph.connection.collection('catalog_prices')
  const priced: unknown[] = await prices.distinct('skuId', { priceListId: seededId('PriceList', 'default') })
  expect(priced).toHaveLength(demoSkus.length)
})
