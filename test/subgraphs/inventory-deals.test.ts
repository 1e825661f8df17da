import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createId } from '../../kit/ids.ts'
import { inventorySubgraph } from '../../subgraphs/inventory/subgraph.ts'
import { type InventoryUnderTest, contoso, northwind, startInventory } from './inventory-under-test.ts'

let inventory: InventoryUnderTest
beforeAll(async () => {
  inventory = await startInventory()
})
afterAll(() => inventory?.stop())

const dayMs = 24 * 60 * 60 * 1000
const inDays = (days: number): string => new Date(Date.now() + days * dayMs).toISOString()

async function deal(units: readonly number[], fields: object = {}) {
  const levels = await inventory.stock(...units)
  const subject = createId('DealRegistration')
  const data = {
    organizationId: northwind.organizationId,
    skuId: levels[0]?.skuId ?? null,
    quantity: 8,
    reserveStock: true,
    protectedUntil: inDays(30),
    ...fields,
  }
  const tell = (type: string, more: object = {}) => inventory.react({ type, subject, data: { ...data, ...more } })
  const stock = async () => (await Promise.all(levels.map(inventory.quantitiesOf))).map((each) => ({ ...each }))
  const ask = async (caller: typeof northwind) => {
    const query = `query ($deals: [_Any!]!) { _entities(representations: $deals) { ... on DealRegistration {
      stockHold { held refusalCode } reservations { nodes { state quantity expiresAt } }
    } } }`
    const { data: answer } = await inventory.execute<{
      _entities: [{ stockHold: object | null; reservations: { nodes: { state: string; expiresAt: string }[] } }]
    }>(caller, query, { deals: [{ __typename: 'DealRegistration', id: subject }] })
    return answer._entities[0]
  }
  return { subject, tell, stock, ask, levels }
}

describe('an approved deal', () => {
  it('holds the stock that it asks for until its protection ends, from several warehouses if need be', async () => {
    const { tell, stock, ask } = await deal([5, 4])
    await tell('deal.approved')
    expect((await stock()).map(({ reserved }) => reserved)).toEqual([5, 3])
    const { stockHold, reservations } = await ask(northwind)
    expect(stockHold).toEqual({ held: true, refusalCode: null })
    expect(reservations.nodes.length).toBe(2)
    inventory.advanceClock(31 * dayMs)
    await inventory.runTimers()
    inventory.advanceClock(-31 * dayMs)
    expect((await stock()).map(({ available }) => available)).toEqual([5, 4])
  })

  it('holds it once, however often its event comes', async () => {
    const { tell, stock } = await deal([20])
    await tell('deal.approved')
    await tell('deal.approved')
    expect(await stock()).toMatchObject([{ available: 12, reserved: 8 }])
  })

  it('is noted when there is not enough, without holding a part', async () => {
    const { tell, stock, ask } = await deal([5, 2])
    await tell('deal.approved')
    expect((await stock()).map(({ reserved }) => reserved)).toEqual([0, 0])
    expect((await ask(northwind)).stockHold).toEqual({ held: false, refusalCode: 'INSUFFICIENT_STOCK' })
    expect((await ask(northwind)).reservations.nodes).toEqual([])
  })

  it('is noted when it names no SKU, and does nothing when it asks for no stock', async () => {
    const nameless = await deal([5], { skuId: null })
    await nameless.tell('deal.approved')
    expect((await nameless.ask(northwind)).stockHold).toEqual({ held: false, refusalCode: 'NOTHING_TO_HOLD' })
    const modest = await deal([20], { reserveStock: false })
    await modest.tell('deal.approved')
    expect((await modest.ask(northwind)).stockHold).toBeNull()
    expect(await modest.stock()).toMatchObject([{ available: 20 }])
  })

  it('tells nobody else of it', async () => {
    const { tell, ask } = await deal([20])
    await tell('deal.approved')
    expect(await ask(contoso)).toEqual({ stockHold: null, reservations: { nodes: [] } })
  })
})

describe('what becomes of a deal', () => {
  it('is followed by one reaction, so that a loss cannot overtake the approval and leave its stock held', () => {
    const reactions = inventorySubgraph.reactions?.filter(({ types }) => types.some((type) => type.startsWith('deal.')))
    expect(reactions).toHaveLength(1)
  })

  it('commits its stock when it is won, and gives it back when it is lost, expired or withdrawn', async () => {
    const won = await deal([20])
    const scans = await inventory.scansOf(async () => {
      await won.tell('deal.approved')
      await won.tell('deal.won')
      await won.tell('deal.won')
      await won.ask(northwind)
    })
    expect(scans).toEqual([])
    expect(await won.stock()).toMatchObject([{ available: 12, reserved: 0, committed: 8 }])
    for (const end of ['deal.lost', 'deal.expired', 'deal.withdrawn']) {
      const { tell, stock } = await deal([20])
      for (const type of ['deal.approved', end, end]) {
        await tell(type)
      }
      expect(await stock()).toMatchObject([{ available: 20, reserved: 0, committed: 0 }])
    }
    expect(await inventory.differences()).toBe(0)
  })

  it('settles what its partner reserved for it as well, and nothing that another reserved in its name', async () => {
    const { tell, stock, subject, levels } = await deal([20], { reserveStock: false })
    const lines = [{ skuId: levels[0]?.skuId, quantity: 3 }]
    await inventory.reserve(northwind, { lines, dealId: subject })
    await inventory.reserve(contoso, { lines, dealId: subject })
    await tell('deal.won')
    expect(await stock()).toMatchObject([{ available: 14, reserved: 3, committed: 3 }])
  })

  it('holds its stock for longer when its protection is extended', async () => {
    const { tell, ask } = await deal([20])
    await tell('deal.approved')
    const protectedUntil = inDays(90)
    await tell('deal.extended', { protectedUntil })
    expect((await ask(northwind)).reservations.nodes).toMatchObject([{ state: 'HELD', expiresAt: protectedUntil }])
  })
})
