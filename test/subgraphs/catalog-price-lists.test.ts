import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seededId } from '../../kit/ids.ts'
import { seedCatalog } from '../../subgraphs/catalog/seed.ts'
import { catalogSubgraph } from '../../subgraphs/catalog/subgraph.ts'
import { demoProducts, demoSkus } from '../../subgraphs/demo-world/products.ts'
import { type SubgraphUnderTest, callerOf, operator, startSubgraph } from './subgraph-under-test.ts'

const dayMs = 24 * 60 * 60 * 1000
const northwind = callerOf('northwind')
/** A monitor that is sold singly, and is not on a list of another test. */
const skuId = demoProducts.find(({ family }) => family === 'Monitors')?.skus[0]?.id ?? ''
const inDays = (days: number) => new Date(Date.now() + days * dayMs).toISOString()

let catalog: SubgraphUnderTest
beforeAll(async () => {
  catalog = await startSubgraph(catalogSubgraph, seedCatalog)
})
afterAll(() => catalog.stop())

interface Payload {
  readonly priceList: { readonly id: string; readonly version: number } | null
  readonly userErrors: readonly { readonly code: string; readonly field: readonly string[]; readonly message: string }[]
}

const inputs: Record<string, string> = {
  createPriceList: 'CreatePriceListInput',
  changePriceList: 'ChangePriceListInput',
  assignPriceList: 'AssignPriceListInput',
  unassignPriceList: 'AssignPriceListInput',
  setPrices: 'SetPricesInput',
  withdrawPrices: 'PricesOfSkusInput',
  cancelScheduledPrices: 'PricesOfSkusInput',
}

async function command(name: string, input: Record<string, unknown>, as = operator): Promise<Payload> {
  const query = `mutation ($input: ${inputs[name] ?? ''}!) {
    ${name}(input: $input) { priceList { id version } userErrors { code field message } } }`
  const { data, errors } = await catalog.execute<Record<string, Payload>>(as, query, { input })
  expect(errors).toBeUndefined()
  return data[name] as Payload
}

interface Quote {
  readonly outcome: string
  readonly reason: string
  readonly quantity: number
  readonly price: {
    readonly unitPrice: { readonly amount: string }
    readonly priceList: { readonly name: string }
  } | null
  readonly considered: readonly { readonly verdict: string; readonly priceList: { readonly name: string } }[]
}

async function quote(variables: Record<string, unknown> = {}, as = operator): Promise<Quote | null> {
  const query = `query ($sku: ID!, $quantity: Int, $at: DateTimeISO, $organizationId: ID) {
    price(sku: $sku, quantity: $quantity, at: $at, organizationId: $organizationId) {
      outcome reason quantity price { unitPrice { amount currencyCode } breakFrom reach priceList { name } }
      considered { verdict reason reach unitPrice { amount } priceList { name } } } }`
  const organizationId = as === operator ? northwind.organizationId : undefined
  const { data, errors } = await catalog.execute<{ price: Quote | null }>(as, query, {
    sku: skuId,
    organizationId,
    ...variables,
  })
  expect(errors).toBeUndefined()
  return data.price
}

let made = 0

/** A contract of Northwind's that began later than all before it, so that it decides. */
async function contract(fields: Record<string, unknown> = {}): Promise<string> {
  const name = `Contract ${(made += 1)}`
  const validFrom = new Date(Date.now() + made).toISOString()
  const { priceList } = await command('createPriceList', {
    name,
    reach: 'ORGANIZATION',
    currencyCode: 'EUR',
    validFrom,
    ...fields,
  })
  const priceListId = priceList?.id ?? ''
  await command('assignPriceList', { priceListId, organizationId: northwind.organizationId })
  catalog.advanceClock(1_000)
  return priceListId
}

const at = (unitPrice: string, minimumQuantity = 1) => ({ skuId, breaks: [{ minimumQuantity, unitPrice }] })

describe('a price list', () => {
  test('decides for whom it is assigned to from its beginning to its end, and explains itself', async () => {
    const priceListId = await contract({ validTo: inDays(20) })
    await command('setPrices', { priceListId, prices: [at('111.11')] })
    const now = await quote()
    expect(now).toMatchObject({
      outcome: 'PRICED',
      price: { unitPrice: { amount: '111.11' }, breakFrom: 1, reach: 'ORGANIZATION' },
      reason: expect.stringContaining('made for the organization') as unknown,
    })
    expect(now?.considered[0]).toMatchObject({ verdict: 'DECIDED' })
    expect(now?.considered.map(({ priceList: { name }, verdict }) => [name, verdict])).toEqual(
      expect.arrayContaining([
        ['Northwind workplace contract', 'OUTRANKED'],
        ['Gold partner prices', 'OUTRANKED'],
        ['List prices', 'OUTRANKED'],
      ]),
    )
    expect((await quote({ at: inDays(21) }))?.considered[0]).toMatchObject({ verdict: 'ENDED' })
    await command('unassignPriceList', { priceListId, organizationId: northwind.organizationId })
    expect((await quote())?.price?.unitPrice.amount).not.toBe('111.11')
  })

  test('of a tier or territory reaches those who are of it', async () => {
    const territory = await command('createPriceList', {
      name: 'Nordic kronor',
      reach: 'TERRITORY',
      currencyCode: 'SEK',
    })
    const priceListId = territory.priceList?.id
    await command('assignPriceList', { priceListId, territory: 'NORDICS' })
    await command('setPrices', { priceListId, prices: [at('2500')] })
    catalog.advanceClock(1_000)
    const organizationId = seededId('Organization', 'suomitek')
    expect(await quote({ organizationId })).toMatchObject({ price: { priceList: { name: 'Nordic kronor' } } })
    const silver = await quote({ organizationId: seededId('Organization', 'baltica') })
    expect(silver).toMatchObject({ price: { priceList: { name: 'Silver partner prices' } } })
  })

  test('in the currency that the operator prefers for an organization comes before others of its reach', async () => {
    const { priceList } = await command('createPriceList', {
      name: 'Pounds for all',
      reach: 'DEFAULT',
      currencyCode: 'GBP',
      validFrom: '2020-01-01T00:00:00.000Z',
    })
    await command('setPrices', { priceListId: priceList?.id, prices: [at('99.00')] })
    catalog.advanceClock(1_000)
    const organizationId = seededId('Organization', 'bohemia')
    expect((await quote({ organizationId }))?.price?.priceList.name).toBe('List prices')
    const query = `mutation ($id: ID!, $code: String) {
      setPreferredCurrency(input: { organizationId: $id, currencyCode: $code }) { organization { preferredCurrency } } }`
    const { data } = await catalog.execute(operator, query, { id: organizationId, code: 'GBP' })
    expect(data).toEqual({ setPreferredCurrency: { organization: { preferredCurrency: 'GBP' } } })
    expect((await quote({ organizationId }))?.price?.priceList.name).toBe('Pounds for all')
    const back = await catalog.execute(operator, query, { id: organizationId, code: null })
    expect(back.data).toEqual({ setPreferredCurrency: { organization: { preferredCurrency: 'CZK' } } })
  })

  test('refuses what its reach does not name, a second time, and an end before its beginning', async () => {
    const priceListId = await contract()
    const assign = (input: Record<string, unknown>) => command('assignPriceList', { priceListId, ...input })
    expect((await assign({ territory: 'DACH' })).userErrors).toMatchObject([{ code: 'WRONG_REACH' }])
    expect((await assign({ organizationId: northwind.organizationId })).userErrors).toMatchObject([
      { code: 'ALREADY_ASSIGNED' },
    ])
    expect((await assign({ organizationId: 'org_nobody' })).userErrors).toMatchObject([
      { code: 'UNKNOWN_ORGANIZATION' },
    ])
    const ended = await command('changePriceList', { id: priceListId, validTo: '2020-01-01T00:00:00.000Z' })
    expect(ended.userErrors).toMatchObject([{ code: 'INVALID_INPUT', field: ['input', 'validTo'] }])
    const id = seededId('PriceList', 'default')
    const everybody = await command('assignPriceList', { priceListId: id, territory: 'DACH' })
    expect(everybody.userErrors).toMatchObject([{ code: 'WRONG_REACH' }])
    await command('unassignPriceList', { priceListId, organizationId: northwind.organizationId })
  })
})

describe('prices on a list', () => {
  test('change when it was scheduled, and do not when that was cancelled', async () => {
    const priceListId = await contract()
    await command('setPrices', { priceListId, prices: [at('100')] })
    const [soon, later] = [inDays(10), inDays(20)]
    await command('setPrices', { priceListId, prices: [at('110')], validFrom: soon })
    await command('withdrawPrices', { priceListId, skuIds: [skuId], validFrom: later })
    const unit = async (moment: string) => (await quote({ at: moment }))?.price?.unitPrice.amount
    catalog.advanceClock(1_000)
    expect(await unit(inDays(9))).toBe('100.00')
    expect(await unit(soon)).toBe('110.00')
    expect((await quote({ at: later }))?.considered[0]).toMatchObject({ verdict: 'SKU_NOT_PRICED' })
    const wrong = await command('cancelScheduledPrices', { priceListId, skuIds: [skuId], validFrom: inDays(11) })
    expect(wrong.userErrors).toMatchObject([{ code: 'NO_SUCH_PRICE' }])
    await command('cancelScheduledPrices', { priceListId, skuIds: [skuId], validFrom: soon })
    expect(await unit(inDays(15))).toBe('100.00')
    const query = `query ($id: ID!, $sku: ID!) { priceList(id: $id) { prices(skuId: $sku) {
      totalCount nodes { validFrom validTo breaks { minimumQuantity unitPrice { amount } } } } } }`
    const { data } = await catalog.execute(operator, query, { id: priceListId, sku: skuId })
    expect(data).toMatchObject({
      priceList: {
        prices: {
          totalCount: 2,
          nodes: [
            { validTo: later, breaks: [{ minimumQuantity: 1, unitPrice: { amount: '100.00' } }] },
            { validFrom: later, validTo: null, breaks: [] },
          ],
        },
      },
    })
    await command('unassignPriceList', { priceListId, organizationId: northwind.organizationId })
  })

  test('of one SKU never overlap, even when many are set at once', async () => {
    const priceListId = await contract()
    const days = Array.from({ length: 12 }, (_, place) => place + 1)
    const answers = await Promise.all(
      days.map((day) => command('setPrices', { priceListId, prices: [at(`${100 + day}`)], validFrom: inDays(day) })),
    )
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([])
    const stored = await catalog.connection
      .collection<{ beginsAt: Date; endsAt: Date }>('catalog_prices')
      .find({ priceListId })
      .sort({ beginsAt: 1 })
      .toArray()
    expect(stored).toHaveLength(12)
    stored.slice(1).forEach(({ beginsAt }, place) => expect(stored[place]?.endsAt).toEqual(beginsAt))
    await command('unassignPriceList', { priceListId, organizationId: northwind.organizationId })
  })

  test.each([
    ['in the past', { prices: [at('1')], validFrom: '2020-01-01T00:00:00.000Z' }, 'IN_THE_PAST'],
    [
      'of an unknown SKU',
      { prices: [{ skuId: 'sku_nothing', breaks: [{ minimumQuantity: 1, unitPrice: '1' }] }] },
      'UNKNOWN_SKU',
    ],
    ['with three decimals', { prices: [at('1.005')] }, 'INVALID_AMOUNT'],
    ['below nothing', { prices: [at('-1')] }, 'INVALID_AMOUNT'],
    ['that no integer holds times a million', { prices: [at('90000000.01')] }, 'INVALID_AMOUNT'],
    ['from no packs on', { prices: [at('1', 0)] }, 'INVALID_INPUT'],
    ['of the same SKU twice', { prices: [at('1'), at('2')] }, 'INVALID_INPUT'],
    ['without a break', { prices: [{ skuId, breaks: [] }] }, 'INVALID_INPUT'],
    ['of nothing', { prices: [] }, 'INVALID_INPUT'],
    ['of a list that changed meanwhile', { prices: [at('1')], expectedVersion: 99 }, 'STALE_VERSION'],
  ])('are refused %s, all of them together', async (_case, input, code) => {
    const priceListId = seededId('PriceList', 'gold')
    const before = await catalog.connection.collection('catalog_prices').countDocuments({ priceListId })
    const { userErrors } = await command('setPrices', { priceListId, ...input })
    expect(userErrors).toMatchObject([{ code }])
    expect(await catalog.connection.collection('catalog_prices').countDocuments({ priceListId })).toBe(before)
  })

  test("are the operator's to set, and its lists hidden from those whom they do not reach", async () => {
    const { errors } = await catalog.execute(
      northwind,
      'mutation { withdrawPrices(input: { priceListId: "pl_x", skuIds: ["sku_x"] }) { userErrors { code } } }',
    )
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    const query = 'query ($id: ID!) { priceList(id: $id) { name } }'
    const silver = await catalog.execute(northwind, query, { id: seededId('PriceList', 'silver') })
    expect(silver.data).toEqual({ priceList: null })
    const others = await catalog.execute(
      northwind,
      'query ($sku: ID!, $id: ID) { price(sku: $sku, organizationId: $id) { outcome } }',
      { sku: skuId, id: callerOf('contoso').organizationId },
    )
    expect(others.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})

test('a quantity below the minimum order has no price, and none given means the minimum order', async () => {
  const bulky = demoSkus.find(({ minimumOrderQuantity }) => minimumOrderQuantity > 1)
  const least = bulky?.minimumOrderQuantity ?? 0
  expect(least).toBeGreaterThan(1)
  expect(await quote({ sku: bulky?.id, quantity: least - 1 }, northwind)).toMatchObject({
    outcome: 'BELOW_MINIMUM_ORDER',
    price: null,
    reason: expect.stringContaining(String(least)) as unknown,
    considered: [],
  })
  expect(await quote({ sku: bulky?.id }, northwind)).toMatchObject({ outcome: 'PRICED', quantity: least })
  const { data } = await catalog.execute(
    northwind,
    'query ($id: ID!, $few: Int) { sku(id: $id) { price { quantity } few: price(quantity: $few) { quantity } } }',
    { id: bulky?.id, few: least - 1 },
  )
  expect(data).toEqual({ sku: { price: { quantity: least }, few: null } })
})
