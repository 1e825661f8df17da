import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InventoryUnderTest, contoso, northwind, startInventory, warehouse } from './inventory-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

let inventory: InventoryUnderTest
beforeAll(async () => {
  inventory = await startInventory()
})
afterAll(() => inventory?.stop())

const dayMs = 24 * 60 * 60 * 1000
const inDays = (days: number): string => new Date(Date.now() + days * dayMs).toISOString()
let references = 0

interface ShipmentAnswer {
  readonly shipment: { readonly id: string; readonly state: string; readonly version: number } | null
}
const give = (name: string, input: object) =>
  inventory.mutation<ShipmentAnswer>(operator, name, input, {
    select: 'shipment { id state version lines { quantity received } }',
  })
const codesOf = (answer: { readonly userErrors: readonly { readonly code: string }[] }) =>
  answer.userErrors.map(({ code }) => code)

async function announced(quantity: number, fields: object = {}) {
  const [level] = await inventory.stock(3)
  const skuId = level?.skuId ?? ''
  const reference = `ASN ${references++}`
  const input = {
    reference,
    supplier: 'Kestrel Components',
    locationId: warehouse(0),
    expectedAt: inDays(5),
    ...fields,
  }
  const { shipment } = await give('announceShipment', { ...input, lines: [{ skuId, quantity }] })
  if (!level || !shipment) throw new Error('the shipment was refused')
  return { level, skuId, id: shipment.id, reference }
}

async function promised(skuId: string, args: string) {
  const query = `query ($skuId: ID!) { availableToPromise(skuId: $skuId ${args}) { quantity available incoming } }`
  const { data, errors } = await inventory.execute<{ availableToPromise: object }>(contoso, query, { skuId })
  expect(errors).toBeUndefined()
  return data.availableToPromise
}

describe('a shipment', () => {
  it('becomes stock as it is received, in parts and by condition', async () => {
    const { level, skuId, id } = await announced(10)
    expect(await give('dispatchShipment', { id })).toMatchObject({ shipment: { state: 'IN_TRANSIT' } })
    const part = { skuId, available: 4, qualityControl: 2 }
    expect(await give('receiveShipment', { id, lines: [part], expectedVersion: 2 })).toMatchObject({
      shipment: { state: 'PARTLY_RECEIVED', lines: [{ quantity: 10, received: 6 }] },
    })
    expect(await inventory.quantitiesOf(level)).toMatchObject({ available: 7, qualityControl: 2, damaged: 0 })
    const rest = [
      { skuId, available: 3 },
      { skuId, damaged: 1 },
    ]
    expect(await give('receiveShipment', { id, lines: rest })).toMatchObject({ shipment: { state: 'RECEIVED' } })
    expect(await inventory.quantitiesOf(level)).toMatchObject({ available: 10, qualityControl: 2, damaged: 1 })
    expect(codesOf(await give('receiveShipment', { id, lines: rest }))).toEqual(['ILLEGAL_TRANSITION'])
    expect(codesOf(await give('cancelShipment', { id }))).toEqual(['ILLEGAL_TRANSITION'])
    expect(await inventory.differences()).toBe(0)
  })

  it('books nothing when more comes than was announced, or something else', async () => {
    const { level, skuId, id } = await announced(10)
    const receive = async (...lines: readonly object[]) => codesOf(await give('receiveShipment', { id, lines }))
    expect(await receive({ skuId, available: 9 }, { skuId, available: 2 })).toEqual(['INVALID_QUANTITY'])
    expect(await receive({ skuId })).toEqual(['INVALID_QUANTITY'])
    expect(await receive({ skuId, available: -1, damaged: 3 })).toEqual(['INVALID_QUANTITY'])
    expect(await receive({ skuId: 'sku_none', available: 1 })).toEqual(['NOT_ANNOUNCED'])
    expect(await inventory.quantitiesOf(level)).toMatchObject({ available: 3 })
  })

  it('begins a level where its SKU is new', async () => {
    const { skuId, id } = await announced(10, { locationId: warehouse(5) })
    await give('receiveShipment', { id, lines: [{ skuId, available: 10 }] })
    const { data } = await inventory.execute<{ inventoryLevels: object }>(
      northwind,
      'query ($skuId: ID) { inventoryLevels(skuId: $skuId) { nodes { available location { id } } } }',
      { skuId },
    )
    expect(data.inventoryLevels).toMatchObject({
      nodes: expect.arrayContaining([{ available: 10, location: { id: warehouse(5) } }]),
    })
  })

  it('is received once by many calls at once', async () => {
    const { level, skuId, id } = await announced(10)
    const lines = [{ skuId, available: 10 }]
    const answers = await Promise.all(Array.from({ length: 8 }, () => give('receiveShipment', { id, lines })))
    expect(answers.filter(({ shipment }) => shipment !== null).length).toBe(1)
    expect(await inventory.quantitiesOf(level)).toMatchObject({ available: 13 })
  })

  it('is refused with what is wrong with it', async () => {
    const { skuId, reference } = await announced(10)
    const input = { reference: 'ASN new', supplier: 'Kestrel', locationId: warehouse(0), expectedAt: inDays(5) }
    const line = { skuId, quantity: 1 }
    const code = async (fields: object) =>
      codesOf(await give('announceShipment', { ...input, lines: [line], ...fields }))
    expect(await code({ reference })).toEqual(['DUPLICATE_REFERENCE'])
    expect(await code({ expectedAt: inDays(-1) })).toEqual(['INVALID_SHIPMENT'])
    expect(await code({ reference: '', supplier: '' })).toEqual(['INVALID_SHIPMENT', 'INVALID_SHIPMENT'])
    expect(await code({ lines: [line, line] })).toEqual(['INVALID_BATCH'])
    expect(await code({ lines: [{ ...line, skuId: 'sku_none' }] })).toEqual(['SKU_NOT_FOUND'])
    expect(await code({ locationId: 'loc_none' })).toEqual(['LOCATION_NOT_FOUND'])
  })

  it('is found by words and filters, by index, without its supplier for partners', async () => {
    const { skuId, id } = await announced(1, { supplier: 'Éclair Optique' })
    const partner = callerOf('northwind', { scopes: ['inventory:read', 'catalog:read'] })
    const filters = ['search: "eclair"', `skuId: "${skuId}"`, `locationId: "${warehouse(0)}"`, 'state: ANNOUNCED']
    const all = [...filters, filters.join(', ')]
    const scans = await inventory.scansOf(async () => {
      for (const args of all) {
        const query = `{ incomingShipments(first: 250, ${args}) { totalCount nodes { id supplier } } }`
        const { data } = await inventory.execute<{ incomingShipments: { nodes: { id: string; supplier: null }[] } }>(
          partner,
          query,
        )
        expect(data.incomingShipments.nodes).toContainEqual({ id, supplier: null })
      }
    })
    expect(scans).toEqual([])
  })
})

describe('what can be promised', () => {
  it('grows with what arrives until then, and with nothing that is cancelled, overdue or here already', async () => {
    const { skuId, id } = await announced(10)
    expect(await promised(skuId, '')).toEqual({ quantity: 3, available: 3, incoming: 0 })
    expect(await promised(skuId, `at: "${inDays(4)}"`)).toEqual({ quantity: 3, available: 3, incoming: 0 })
    const later = `at: "${inDays(6)}"`
    expect(await promised(skuId, later)).toEqual({ quantity: 13, available: 3, incoming: 10 })
    expect(await promised(skuId, `${later}, locationId: "${warehouse(1)}"`)).toMatchObject({ quantity: 0, incoming: 0 })
    await give('receiveShipment', { id, lines: [{ skuId, available: 2, qualityControl: 2 }] })
    expect(await promised(skuId, later)).toEqual({ quantity: 11, available: 5, incoming: 6 })
    await give('rescheduleShipment', { id, expectedAt: inDays(8) })
    expect(await promised(skuId, later)).toMatchObject({ quantity: 5 })
    await give('rescheduleShipment', { id, expectedAt: inDays(2) })
    expect(await promised(skuId, later)).toMatchObject({ quantity: 11 })
    await give('cancelShipment', { id })
    expect(await promised(skuId, later)).toMatchObject({ quantity: 5, incoming: 0 })
    const { skuId: other } = await announced(10, { expectedAt: inDays(1) })
    inventory.advanceClock(2 * dayMs)
    expect(await promised(other, `at: "${inDays(9)}"`)).toMatchObject({ quantity: 3, incoming: 0 })
  })

  it('is asked of many SKUs with as many commands as of one, and scans nothing', async () => {
    const skus = await Promise.all(Array.from({ length: 30 }, async () => (await inventory.stock(2))[0]?.skuId))
    const query = `query ($skus: [_Any!]!, $at: DateTimeISO) {
      _entities(representations: $skus) { ... on Sku { availableToPromise(at: $at) inventory { available } } }
    }`
    const ask = (count: number) => {
      const representations = skus.slice(0, count).map((id) => ({ __typename: 'Sku', id }))
      return inventory.execute<{ _entities: object[] }>(contoso, query, { skus: representations, at: inDays(30) })
    }
    expect(await inventory.countDatabaseCalls(() => ask(30))).toBe(await inventory.countDatabaseCalls(() => ask(1)))
    expect(await inventory.scansOf(() => ask(30))).toEqual([])
    expect((await ask(1)).data._entities).toEqual([{ availableToPromise: 2, inventory: [{ available: 2 }] }])
  })
})
