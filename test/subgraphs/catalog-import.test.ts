import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEventLog } from '../../events/event-log.ts'
import { type ImportRefusal, type ImportValue, bindBackground } from '../../kit/background.ts'
import { seededId } from '../../kit/ids.ts'
import { createLogger } from '../../kit/log.ts'
import { createCatalogModels } from '../../subgraphs/catalog/catalog-models.ts'
import { seedCatalog } from '../../subgraphs/catalog/seed.ts'
import { catalogSubgraph } from '../../subgraphs/catalog/subgraph.ts'
import { gtin13 } from '../../subgraphs/demo-world/gtin.ts'
import { demoProducts } from '../../subgraphs/demo-world/products.ts'
import { eventsAbout } from './events-about.ts'
import { type SubgraphUnderTest, callerOf, operator, startSubgraph } from './subgraph-under-test.ts'

const now = () => new Date('2026-11-18T10:00:00.000Z')
const gtinOf = (article: number): string => gtin13(`2888${String(article).padStart(8, '0')}`)

let catalog: SubgraphUnderTest
beforeAll(async () => {
  catalog = await startSubgraph(catalogSubgraph, seedCatalog)
})
afterAll(() => catalog.stop())

/** Applies lines of a kind in one transaction, as a job does with a part of a file. */
async function apply(
  kind: string,
  rows: readonly Record<string, ImportValue>[],
  caller = operator,
): Promise<readonly ImportRefusal[]> {
  const { connection } = catalog
  const log = createLogger('test', 'error')
  const events = createEventLog(connection, { log, now }).forSource('catalog')
  const models = createCatalogModels({ connection, now })
  const { importers } = bindBackground(catalogSubgraph, { models, events, connection, log, now })
  const importer = importers.find((one) => one.kind === kind)
  if (!importer) throw new Error(`no importer of ${kind}`)
  const blank = Object.fromEntries(importer.columns.map(({ name }) => [name, null]))
  const lines = rows.map((values, place) => ({ number: place + 1, values: { ...blank, ...values } }))
  return connection.transaction((session) => importer.apply(caller, lines, session))
}

async function run<Data>(query: string, variables?: Record<string, unknown>): Promise<Data> {
  const { data, errors } = await catalog.execute<Data>(operator, query, variables)
  expect(errors).toBeUndefined()
  return data
}

const product = (number: number, fields: Record<string, ImportValue> = {}) => ({
  externalId: `IMP-${number}`,
  name: `Imported ${number}`,
  family: 'Imports',
  ...fields,
})

const sku = (number: number, fields: Record<string, ImportValue> = {}) => ({
  code: `IMP-${number}-A`,
  product: `IMP-${number}`,
  name: `Imported ${number}, plain`,
  gtin: gtinOf(number),
  ...fields,
})

describe('products', () => {
  test('are added once, changed where a line says otherwise, and left alone where it does not', async () => {
    expect(await apply('products', [product(1), product(2)])).toEqual([])
    expect(
      await apply('products', [product(1), product(2, { name: 'Renamed', description: 'Now described.' })]),
    ).toEqual([])
    const { products } = await run<{ products: { nodes: { id: string; name: string; version: number }[] } }>(
      '{ products(family: "Imports") { nodes { id name description version externalId } } }',
    )
    expect(products.nodes).toMatchObject([
      { name: 'Imported 1', version: 1, externalId: 'IMP-1' },
      { name: 'Renamed', description: 'Now described.', version: 2 },
    ])
    const told = await eventsAbout(
      catalog.connection,
      products.nodes.map(({ id }) => id),
    )
    expect(told.map(({ type }) => type).toSorted()).toEqual(['product.changed', 'product.created', 'product.created'])
  })

  test('take their SKUs along into another family and into their end', async () => {
    await apply('products', [product(5)])
    await apply('skus', [sku(5)])
    await apply('products', [product(5, { family: 'Leaving', status: 'DISCONTINUED' })])
    const read = await run('{ skuByCode(code: "IMP-5-A") { status version product { family status } } }')
    expect(read).toEqual({
      skuByCode: { status: 'DISCONTINUED', version: 2, product: { family: 'Leaving', status: 'DISCONTINUED' } },
    })
    expect(await apply('products', [product(5, { status: 'ACTIVE' })])).toMatchObject([
      { line: 1, column: 'status', code: 'ILLEGAL_TRANSITION' },
    ])
  })

  test('are refused line by line, and the others applied', async () => {
    const refusals = await apply('products', [
      product(10, { name: ' ' }),
      product(11),
      product(12, { status: 'GONE' }),
      product(13, { family: 'x'.repeat(101) }),
    ])
    expect(refusals.map(({ line, column, code }) => [line, column, code])).toEqual([
      [1, 'name', 'REQUIRED'],
      [3, 'status', 'INVALID_INPUT'],
      [4, 'family', 'INVALID_INPUT'],
    ])
    const { products } = await run<{ products: unknown }>('{ products(search: "imported 11") { totalCount } }')
    expect(products).toEqual({ totalCount: 1 })
    expect(await apply('products', [product(20)], callerOf('northwind'))).toMatchObject([{ code: 'FORBIDDEN' }])
  })
})

describe('SKUs', () => {
  test('are added to their product, changed and left alone; what a line leaves out stays', async () => {
    await apply('products', [product(30)])
    expect(await apply('skus', [sku(30, { minimumOrderQuantity: 5, packUnit: 'box', packQuantity: 12 })])).toEqual([])
    expect(await apply('skus', [sku(30, { leadTimeDays: 9 })])).toEqual([])
    expect(await apply('skus', [sku(30, { leadTimeDays: 9 })])).toEqual([])
    const query = '{ skuByCode(code: "IMP-30-A") { version minimumOrderQuantity leadTimeDays pack { unit quantity } } }'
    expect(await run(query)).toEqual({
      skuByCode: { version: 2, minimumOrderQuantity: 5, leadTimeDays: 9, pack: { unit: 'box', quantity: 12 } },
    })
  })

  test('are refused where product, code or GTIN do not fit, against what is stored and what the batch says', async () => {
    await apply('products', [product(40), product(41)])
    await apply('skus', [sku(40)])
    const refusals = await apply('skus', [
      sku(41, { code: 'IMP-40-A' }),
      sku(41, { gtin: gtinOf(40) }),
      sku(41, { code: 'IMP-41-B', gtin: gtinOf(4_100) }),
      sku(41, { code: 'IMP-41-C', gtin: gtinOf(4_100) }),
      sku(41, { code: 'IMP-41-D', gtin: '123' }),
      sku(41, { code: 'IMP-41-E', product: 'IMP-nothing', gtin: gtinOf(4_101) }),
      sku(41, { code: 'IMP 41', gtin: gtinOf(4_102) }),
    ])
    expect(refusals.toSorted((a, b) => a.line - b.line).map(({ line, code }) => [line, code])).toEqual([
      [1, 'OTHER_PRODUCT'],
      [2, 'DUPLICATE_GTIN'],
      [4, 'DUPLICATE_GTIN'],
      [5, 'INVALID_GTIN'],
      [6, 'UNKNOWN_PRODUCT'],
      [7, 'INVALID_INPUT'],
    ])
  })

  test('swap their GTINs in one batch', async () => {
    await apply('products', [product(50)])
    await apply('skus', [sku(50), sku(50, { code: 'IMP-50-B', gtin: gtinOf(5_000) })])
    const swapped = [sku(50, { gtin: gtinOf(5_000) }), sku(50, { code: 'IMP-50-B' })]
    // One after the other: each would take what the other still has.
    expect((await apply('skus', swapped)).map(({ line, code }) => [line, code])).toEqual([
      [1, 'DUPLICATE_GTIN'],
      [2, 'DUPLICATE_GTIN'],
    ])
  })
})

describe('prices', () => {
  const query = `query ($id: ID!, $sku: ID!) { priceList(id: $id) { version prices(skuId: $sku) {
    nodes { validFrom validTo breaks { minimumQuantity unitPrice { amount } } } } } }`
  interface Data {
    priceList: {
      version: number
      prices: { nodes: { validFrom: string; validTo: string | null; breaks: unknown[] }[] }
    }
  }
  const id = seededId('PriceList', 'gold')
  const goods = demoProducts[3]?.skus[1]
  const line = (fields: Record<string, ImportValue>) => ({
    priceList: 'PL-GOLD',
    skuCode: goods?.code ?? '',
    ...fields,
  })

  test('begin at their moment, replace what begins there, and change nothing when they are applied again', async () => {
    const soon = new Date('2027-01-01T00:00:00.000Z')
    const lines = [
      line({ prices: '900.50' }),
      line({ prices: '10=850; 1=920', validFrom: soon }),
      line({ validFrom: new Date('2027-06-01T00:00:00.000Z') }),
    ]
    expect(await apply('prices', lines)).toEqual([])
    const once = await run<Data>(query, { id, sku: goods?.id })
    expect(once.priceList.prices.nodes.map(({ breaks }) => breaks).slice(1)).toEqual([
      [{ minimumQuantity: 1, unitPrice: { amount: '900.50' } }],
      [
        { minimumQuantity: 1, unitPrice: { amount: '920.00' } },
        { minimumQuantity: 10, unitPrice: { amount: '850.00' } },
      ],
      [],
    ])
    const { nodes } = once.priceList.prices
    nodes.slice(1).forEach(({ validFrom }, place) => expect(nodes[place]?.validTo).toBe(validFrom))
    expect(await apply('prices', lines)).toEqual([])
    expect(await run<Data>(query, { id, sku: goods?.id })).toEqual(once)
  })

  test('are refused line by line', async () => {
    const refusals = await apply('prices', [
      line({ priceList: 'PL-NOTHING', prices: '1' }),
      line({ skuCode: 'NOTHING', prices: '1' }),
      line({ prices: '1=1; 1=2' }),
      line({ prices: '1,50' }),
      line({ prices: 'many=1' }),
    ])
    expect(refusals.map(({ column, code }) => [column, code])).toEqual([
      ['priceList', 'UNKNOWN_PRICE_LIST'],
      ['skuCode', 'UNKNOWN_SKU'],
      ['prices', 'INVALID_INPUT'],
      ['prices', 'INVALID_AMOUNT'],
      ['prices', 'INVALID_INPUT'],
    ])
  })
})

test.each([
  ['products', (number: number) => product(number)],
  [
    'skus',
    (number: number) =>
      sku(number, { code: `BULK-${number}`, product: `BULK-${number % 50}`, gtin: gtinOf(500_000 + number) }),
  ],
  [
    'prices',
    (number: number) => ({
      priceList: 'PL-SILVER',
      skuCode: demoProducts[number % 80]?.skus[0]?.code ?? '',
      prices: `${number}.50`,
    }),
  ],
])('%s take as many commands of the database for a thousand lines as for a hundred, and no scan', async (kind, row) => {
  await apply(
    'products',
    Array.from({ length: 50 }, (_, number) => product(number, { externalId: `BULK-${number}` })),
  )
  const rows = Array.from({ length: 1_120 }, (_, number) => row(1_000 + number))
  const count = (from: number, to: number) =>
    catalog.countDatabaseCalls(async () => {
      expect(await apply(kind, rows.slice(from, to))).toEqual([])
    })
  const few = await count(0, 100)
  expect(few).toBeLessThanOrEqual(10)
  expect(await count(100, 1_100)).toBe(few)
  expect(await catalog.scansOf(() => apply(kind, rows.slice(1_100)))).toEqual([])
})
