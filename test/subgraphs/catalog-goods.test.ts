import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seededId } from '../../kit/ids.ts'
import { gtin13 } from '../../subgraphs/demo-world/gtin.ts'
import { seedCatalog } from '../../subgraphs/catalog/seed.ts'
import { catalogSubgraph } from '../../subgraphs/catalog/subgraph.ts'
import { demoProducts } from '../../subgraphs/demo-world/products.ts'
import { eventsAbout } from './events-about.ts'
import { type SubgraphUnderTest, callerOf, operator, startSubgraph } from './subgraph-under-test.ts'

const northwind = callerOf('northwind')

let catalog: SubgraphUnderTest
beforeAll(async () => {
  catalog = await startSubgraph(catalogSubgraph, seedCatalog)
})
afterAll(() => catalog.stop())

interface Payload {
  readonly product: { id: string; name: string; family: string; status: string; version: number } | null
  readonly sku: { id: string; gtin: string; status: string; version: number } | null
  readonly userErrors: readonly { code: string; field: readonly string[] | null; message: string }[]
}

const entities = { product: 'product { id name family status version }', sku: 'sku { id gtin status version }' }

/** Runs a mutation of the catalog as the operator unless told otherwise, and answers its payload. */
async function command(name: string, input: Record<string, unknown>, as = operator): Promise<Payload> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`
  const entity = name.endsWith('Sku') ? entities.sku : entities.product
  const query = `mutation ($input: ${type}) { ${name}(input: $input) { ${entity} userErrors { code field message } } }`
  const { data, errors } = await catalog.execute<Record<string, Payload>>(as, query, { input })
  expect(errors).toBeUndefined()
  return data[name] as Payload
}

let article = 0
const newGtin = (): string => gtin13(`2999${String((article += 1)).padStart(8, '0')}`)

const product = (fields: Record<string, unknown> = {}) =>
  command('createProduct', { name: 'Halden Probe', family: 'Notebooks', description: 'A probe.', ...fields })

const sku = (productId: string | undefined, fields: Record<string, unknown> = {}) =>
  command('createSku', {
    productId,
    code: `PB-${(article += 1)}`,
    name: 'Halden Probe, grey',
    gtin: newGtin(),
    pack: { unit: 'carton', quantity: 4 },
    leadTimeDays: 3,
    ...fields,
  })

describe('products and SKUs', () => {
  test('are added, changed and discontinued, each with an event in the same transaction', async () => {
    const created = await product({ externalId: 'PIM-probe' })
    const made = await sku(created.product?.id)
    const renamed = await command('changeProduct', { id: created.product?.id, name: 'Halden Probe 2' })
    expect(renamed.product).toMatchObject({ name: 'Halden Probe 2', family: 'Notebooks', version: 3 })
    const ended = await command('discontinueProduct', { id: created.product?.id, expectedVersion: 3 })
    expect(ended).toMatchObject({ product: { status: 'DISCONTINUED' }, userErrors: [] })
    const { data } = await catalog.execute<{ sku: unknown }>(
      operator,
      'query ($id: ID!) { sku(id: $id) { status pack { unit quantity } minimumOrderQuantity product { name } } }',
      { id: made.sku?.id },
    )
    expect(data.sku).toEqual({
      status: 'DISCONTINUED',
      pack: { unit: 'carton', quantity: 4 },
      minimumOrderQuantity: 1,
      product: { name: 'Halden Probe 2' },
    })
    const events = await eventsAbout(catalog.connection, [created.product?.id ?? '', made.sku?.id ?? ''])
    expect(events.map(({ type }) => type)).toEqual([
      'product.created',
      'sku.created',
      'product.changed',
      'product.changed',
      'sku.changed',
    ])
    expect(events.at(-1)?.data).toMatchObject({ productId: created.product?.id, status: 'DISCONTINUED' })
  })

  test('take their SKUs into another family, where other entitlements decide', async () => {
    const created = await product({ family: 'Prototypes' })
    const made = await sku(created.product?.id)
    const read = async () => {
      const query = 'query ($id: ID!) { sku(id: $id) { id } }'
      return (await catalog.execute<{ sku: unknown }>(northwind, query, { id: made.sku?.id })).data.sku
    }
    expect(await read()).toBeNull()
    await command('changeProduct', { id: created.product?.id, family: 'Monitors' })
    expect(await read()).toEqual({ id: made.sku?.id })
  })

  test.each([
    ['a wrong check digit', { gtin: '4006381333932' }, 'INVALID_GTIN', 'gtin'],
    ['letters in a GTIN', { gtin: '400638133393X' }, 'INVALID_GTIN', 'gtin'],
    ['a GTIN of eleven digits', { gtin: '40063813339' }, 'INVALID_GTIN', 'gtin'],
    ['a pack of nothing', { pack: { unit: 'box', quantity: 0 } }, 'INVALID_INPUT', 'pack'],
    ['a minimum order of nothing', { minimumOrderQuantity: 0 }, 'INVALID_INPUT', 'minimumOrderQuantity'],
    ['a lead time of three years', { leadTimeDays: 1_000 }, 'INVALID_INPUT', 'leadTimeDays'],
    ['a code with a space', { code: 'PB 1' }, 'INVALID_INPUT', 'code'],
    ['a blank name', { name: '   ' }, 'INVALID_INPUT', 'name'],
    ['an unknown product', { productId: 'prod_nothing' }, 'NOT_FOUND', 'productId'],
  ])('refuse a SKU with %s', async (_case, fields, code, field) => {
    const { userErrors } = await sku(demoProducts[0]?.id, fields)
    expect(userErrors).toMatchObject([{ code, field: expect.arrayContaining([field]) as unknown }])
  })

  test('keep a GTIN in one form, so that 12 and 13 digits of one article are the same', async () => {
    const upc = '036000291452'
    const first = await sku(demoProducts[0]?.id, { gtin: upc })
    expect(first.sku?.gtin).toBe(`0${upc}`)
    const second = await sku(demoProducts[1]?.id, { gtin: `0${upc}` })
    expect(second.userErrors).toMatchObject([{ code: 'DUPLICATE_GTIN' }])
    const { data } = await catalog.execute<{ skus: unknown }>(
      northwind,
      '{ skus(gtin: "036000291452") { totalCount } }',
    )
    expect(data.skus).toEqual({ totalCount: 1 })
  })

  test('refuse a code, an external id and a version that are taken or stale', async () => {
    const code = `PB-${(article += 1)}`
    await sku(demoProducts[0]?.id, { code })
    expect((await sku(demoProducts[0]?.id, { code })).userErrors).toMatchObject([{ code: 'DUPLICATE_CODE' }])
    await product({ externalId: 'PIM-twice' })
    expect((await product({ externalId: 'PIM-twice' })).userErrors).toMatchObject([{ code: 'DUPLICATE_EXTERNAL_ID' }])
    const created = await product()
    const stale = await command('changeProduct', { id: created.product?.id, name: 'x', expectedVersion: 7 })
    expect(stale.userErrors).toMatchObject([{ code: 'STALE_VERSION' }])
  })

  test('do not come back once discontinued, and get no new SKUs', async () => {
    const created = await product()
    const id = created.product?.id
    await command('discontinueProduct', { id })
    const again = await command('discontinueProduct', { id })
    expect(again.userErrors).toMatchObject([
      { code: 'ILLEGAL_TRANSITION', message: expect.stringContaining('DISCONTINUED') as unknown },
    ])
    expect((await sku(id)).userErrors).toMatchObject([{ code: 'PRODUCT_DISCONTINUED' }])
  })

  test('are changed by the operator only, whatever the scopes of an app', async () => {
    const { errors } = await catalog.execute(
      northwind,
      'mutation { discontinueProduct(input: { id: "prod_x" }) { userErrors { code } } }',
    )
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  test('are changed once per idempotency key', async () => {
    const query = `mutation ($input: CreateProductInput!) {
      createProduct(input: $input, idempotencyKey: "once") { product { id } } }`
    const input = { name: 'Once', family: 'Notebooks', description: '' }
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => catalog.execute<{ createProduct: unknown }>(operator, query, { input })),
    )
    expect(new Set(answers.map(({ data }) => JSON.stringify(data.createProduct))).size).toBe(1)
    const { data } = await catalog.execute<{ products: unknown }>(
      operator,
      '{ products(search: "once") { totalCount } }',
    )
    expect(data.products).toEqual({ totalCount: 1 })
  })
})

describe('search and filters', () => {
  test('find products by the beginnings of words, in a family and a status', async () => {
    const { data } = await catalog.execute<{ products: { nodes: unknown[]; totalCount: number } }>(
      northwind,
      '{ products(search: "lum 32", family: "Monitors", status: ACTIVE) { totalCount nodes { name } } }',
    )
    expect(data.products).toEqual({ totalCount: 1, nodes: [{ name: 'Lumeo Colour 32 4K' }] })
  })

  test('find SKUs by code', async () => {
    const { data } = await catalog.execute<{ skus: { nodes: unknown[] } }>(
      northwind,
      '{ skus(search: "NB-120-A") { nodes { code } } }',
    )
    expect(data.skus.nodes).toEqual([{ code: 'NB-120-A' }])
  })

  test.each([
    ['products', 'products { totalCount nodes { id } }'],
    ['products of a family', 'products(family: "Monitors") { totalCount nodes { id } }'],
    ['products of a family and status', 'products(family: "Monitors", status: ACTIVE) { totalCount nodes { id } }'],
    ['products of a status', 'products(status: DISCONTINUED) { totalCount nodes { id } }'],
    ['a search for products', 'products(search: "halden") { totalCount nodes { id } }'],
    ['a search in a family', 'products(search: "halden", family: "Notebooks") { totalCount nodes { id } }'],
    ['SKUs', 'skus { totalCount nodes { id } }'],
    [
      'SKUs of a product',
      `skus(productId: "${demoProducts[0]?.id ?? ''}", status: ACTIVE) { totalCount nodes { id } }`,
    ],
    ['SKUs of a family', 'skus(family: "Monitors", status: ACTIVE) { totalCount nodes { id } }'],
    ['a search for SKUs', 'skus(search: "halden 16", status: ACTIVE) { totalCount nodes { id } }'],
    ['a GTIN', 'skus(gtin: "4006381333931") { totalCount nodes { id } }'],
    ['a code', 'skuByCode(code: "NB-120-A") { id product { id entitledTo } price { total { amount } } }'],
    ['listings', 'appListings(category: "ERP", search: "erp") { totalCount nodes { id reviews { totalCount } } }'],
    ['own listings', 'appListings(state: DRAFT) { totalCount nodes { id installation { id } } }'],
    ['installations', 'installations(state: INSTALLED) { totalCount nodes { id listing { id } } }'],
    ['installations of a listing', 'installations(listingId: "lst_x") { totalCount nodes { id } }'],
  ])('read %s through an index, for partners and the operator', async (_case, field) => {
    const nobody = callerOf('greywater')
    const few = callerOf('bohemia')
    for (const caller of [northwind, few, nobody, operator]) {
      expect(
        await catalog.scansOf(async () => {
          const { errors } = await catalog.execute(caller, `{ ${field} }`)
          expect(errors).toBeUndefined()
        }),
      ).toEqual([])
    }
  })

  test.each([
    ['entitlements', 'entitlements(state: null) { totalCount nodes { id product { id } } }'],
    [
      'entitlements of a tier',
      `entitlements(tierId: "${seededId('PartnerTier', 'gold')}", action: SELL) { totalCount }`,
    ],
    ['entitlements of a family', 'entitlements(family: "Servers", action: SELL) { totalCount nodes { id } }'],
    ['entitlements of an action', 'entitlements(action: SELL) { totalCount nodes { id } }'],
    [
      'price lists',
      'priceLists { totalCount nodes { id assignments { territory } prices(first: 5) { totalCount nodes { validTo } } } }',
    ],
    ['price lists of a reach', 'priceLists(reach: TIER, search: "gold") { totalCount nodes { id } }'],
  ])('read %s through an index, for the operator', async (_case, field) => {
    expect(
      await catalog.scansOf(async () => {
        const { errors } = await catalog.execute(operator, `{ ${field} }`)
        expect(errors).toBeUndefined()
      }),
    ).toEqual([])
  })
})
