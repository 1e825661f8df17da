import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImportLine, ImportRefusal, ImportValue } from '../../kit/background.ts'
import type { Caller } from '../../kit/caller.ts'
import { createLogger } from '../../kit/log.ts'
import { leadImporter } from '../../subgraphs/deals/leads/lead-importer.ts'
import { createDealModels } from '../../subgraphs/deals/models.ts'
import { type DealsUnderTest, northwind, servers, startDeals } from './deals-under-test.ts'
import { operator } from './subgraph-under-test.ts'

let deals: DealsUnderTest
const recorded: string[] = []

beforeAll(async () => {
  deals = await startDeals()
})
afterAll(() => deals?.stop())

function line(number: number, values: Readonly<Record<string, ImportValue>> = {}): ImportLine {
  const empty = Object.fromEntries(leadImporter.columns.map(({ name }) => [name, null]))
  const filled = {
    externalId: `imp-${number}`,
    customerName: `Birkenau ${number}`,
    country: 'DE',
    contactName: 'Ida Lang',
  }
  return { number, values: { ...empty, ...filled, ...values } }
}

/** Applies lines as a job does, with the events that they append. */
async function apply(lines: readonly ImportLine[], caller: Caller = operator): Promise<readonly ImportRefusal[]> {
  const { connection } = deals
  const events = {
    append: (_: unknown, ...appended: readonly { type: string }[]) => {
      recorded.push(...appended.map(({ type }) => type))
      return Promise.resolve()
    },
    subscribe: () => Promise.reject(new Error('an import reads no events')),
  }
  const context = {
    connection,
    now: () => deals.now(),
    caller,
    events,
    models: createDealModels({ connection }),
    log: createLogger('test', 'error'),
  }
  let refusals: readonly ImportRefusal[] = []
  await connection.transaction(async (session) => {
    refusals = await leadImporter.apply(context as never, lines, session)
  })
  return refusals
}

const count = () => deals.connection.collection('deal_leads').countDocuments({ externalId: { $regex: '^imp-' } })

describe('importing leads', () => {
  it('takes 1,000 lines with few commands, and again without any effect', async () => {
    const lines = Array.from({ length: 1_000 }, (_, index) => line(index + 1))
    const calls = await deals.countDatabaseCalls(() => apply(lines))
    expect(calls).toBeLessThan(5)
    expect(await count()).toBe(1_000)
    expect(recorded).toEqual(Array.from({ length: 1_000 }, () => 'lead.created'))
    const before = await deals.connection.collection('deal_leads').find().sort({ _id: 1 }).toArray()
    expect(await apply(lines)).toEqual([])
    expect(await deals.connection.collection('deal_leads').find().sort({ _id: 1 }).toArray()).toEqual(before)
  })

  it('renews a lead that no partner has, and leaves one alone that a partner has', async () => {
    await apply([line(2_001), line(2_002)])
    const leads = deals.connection.collection<{ _id: string; externalId: string; note: string; version: number }>(
      'deal_leads',
    )
    const held = await leads.findOne({ externalId: 'imp-2002' })
    await deals.done(operator, 'assignLead', { id: held?._id, organizationIds: [northwind.organizationId] })
    await apply([line(2_001, { note: 'Calls back in May.' }), line(2_002, { note: 'Too late.' })])
    expect(await leads.findOne({ externalId: 'imp-2001' })).toMatchObject({ note: 'Calls back in May.', version: 2 })
    expect(await leads.findOne({ externalId: 'imp-2002' })).toMatchObject({ note: null })
  })

  it('tells the line, the column and the cause of what it does not take, and takes the others', async () => {
    const refusals = await apply([
      line(3_001, { country: 'Germany' }),
      line(3_002),
      line(3_003, { contactEmail: 'nobody', customerDomain: 'co.uk' }),
      line(3_004, { estimatedValue: '12,5', currencyCode: 'EUR' }),
      line(3_005, { productId: 'prod_none' }),
      line(3_006, { productId: servers.id }),
    ])
    expect(refusals.map(({ line: number, column, code }) => [number, column, code])).toEqual([
      [3_001, 'country', 'INVALID_INPUT'],
      [3_003, 'customerDomain', 'INVALID_INPUT'],
      [3_003, 'contactEmail', 'INVALID_INPUT'],
      [3_004, 'estimatedValue', 'INVALID_INPUT'],
      [3_005, 'productId', 'PRODUCT_NOT_FOUND'],
    ])
    const found = await deals.connection
      .collection('deal_leads')
      .countDocuments({ externalId: { $regex: String.raw`^imp-300\d$` } })
    expect(found).toBe(2)
  })

  it('is not for partners', async () => {
    expect(await apply([line(4_001)], northwind)).toMatchObject([{ line: 4_001, code: 'FORBIDDEN' }])
  })
})
