import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DealsUnderTest, alpenland, hourMs, northwind, servers, startDeals } from './deals-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

const polder = callerOf('polder')
let deals: DealsUnderTest

beforeAll(async () => {
  deals = await startDeals()
})
afterAll(() => deals?.stop())

let leads = 0
function leadInput(changes: Record<string, unknown> = {}) {
  leads += 1
  return {
    externalId: `test-${leads}`,
    customer: { name: `Zirbelhof ${leads}`, domain: `zirbelhof-${leads}.example`, taxId: 'DE1', country: 'DE' },
    contact: { name: 'Xaver Huber', email: 'xaver@zirbelhof.example', phone: '+49 30 901820' },
    family: 'Servers',
    productId: servers.id,
    estimatedValue: { amount: '30000', currencyCode: 'EUR' },
    note: 'Wants advice.',
    ...changes,
  }
}

async function assigned(organizationIds: readonly string[], input = leadInput()): Promise<string> {
  const { id } = await deals.done(operator, 'createLead', input)
  await deals.done(operator, 'assignLead', { id, organizationIds, acceptWithinHours: 24 })
  return id
}

const secrets = /Zirbelhof|zirbelhof|Xaver|Huber|901820|DE1|test-/

interface Lead {
  readonly id: string
  readonly state: string
  readonly organization: { readonly id: string } | null
}
async function read(caller: typeof northwind, id: string): Promise<Lead | null> {
  const query = `query ($id: ID!) { lead(id: $id) { id state version masked externalId organization { id } note family
    customer { name domain taxId country } contact { name email phone } candidates passedOn { reason comment } } }`
  return (await deals.execute<{ lead: Lead | null }>(caller, query, { id })).data.lead
}

describe('a lead', () => {
  it('hides customer and contact from the partner until it accepts, and the other partners always', async () => {
    const id = await assigned([northwind.organizationId, alpenland.organizationId])
    const masked = await read(northwind, id)
    expect(masked).toMatchObject({
      state: 'ASSIGNED',
      masked: true,
      note: 'Wants advice.',
      customer: { name: 'Z***', domain: null, taxId: null, country: 'DE' },
      contact: { name: 'X***', email: '***', phone: '***' },
      candidates: [],
    })
    expect(JSON.stringify(masked)).not.toMatch(secrets)
    expect(await read(alpenland, id)).toBeNull()
    expect(await read(operator, id)).toMatchObject({ masked: false, candidates: [alpenland.organizationId] })

    const accepted = await deals.done(northwind, 'acceptLead', { id, expectedVersion: 2 })
    expect(accepted).toMatchObject({
      state: 'ACCEPTED',
      masked: false,
      contact: { name: 'Xaver Huber', email: 'xaver@zirbelhof.example' },
      externalId: null,
    })
  })

  it('cannot be found by what is hidden, nor do its events tell it', async () => {
    const id = await assigned([northwind.organizationId], leadInput({ contact: { name: 'Quirin Quast' } }))
    const find = async (search: string) =>
      (
        await deals.execute<{ leads: { nodes: { id: string }[]; totalCount: number } }>(
          northwind,
          'query ($search: String) { leads(search: $search) { totalCount nodes { id } } }',
          { search },
        )
      ).data.leads
    expect(await find('quirin')).toEqual({ totalCount: 0, nodes: [] })
    expect(JSON.stringify(await deals.eventsOf(id))).not.toMatch(/Quirin|Zirbelhof/)
    await deals.done(northwind, 'acceptLead', { id })
    expect(await find('quirin')).toEqual({ totalCount: 1, nodes: [{ id }] })
  })

  it('goes to the next partner when it is declined, and back when none is left', async () => {
    const id = await assigned([northwind.organizationId, alpenland.organizationId])
    const { entity, codes } = await deals.call(northwind, 'declineLead', { id, reason: 'No capacity.' })
    expect([entity, codes]).toEqual([null, []])
    expect(await read(northwind, id)).toBeNull()
    const next = await read(alpenland, id)
    expect(next).toMatchObject({ state: 'ASSIGNED', masked: true, passedOn: null })
    await deals.call(alpenland, 'declineLead', { id })
    expect(await read(operator, id)).toMatchObject({
      state: 'NEW',
      organization: null,
      passedOn: { reason: 'DECLINED', comment: null },
    })
    const told = (await deals.eventsOf(id)).map(({ type, audience }) => [type, audience[0]])
    expect(told).toEqual([
      ['lead.created', operator.organizationId],
      ['lead.assigned', northwind.organizationId],
      ['lead.declined', northwind.organizationId],
      ['lead.assigned', alpenland.organizationId],
      ['lead.declined', alpenland.organizationId],
      ['lead.unassigned', operator.organizationId],
    ])
  })

  it('goes to the next partner when the time is over, once, however many processes look', async () => {
    const id = await assigned([northwind.organizationId, alpenland.organizationId])
    deals.advanceClock(25 * hourMs)
    expect((await deals.call(northwind, 'acceptLead', { id })).codes).toEqual(['TOO_LATE'])
    await Promise.all([deals.runTimers(), deals.runTimers(), deals.runTimers()])
    expect(await read(operator, id)).toMatchObject({
      organization: { id: alpenland.organizationId },
      passedOn: { reason: 'TIMED_OUT' },
    })
    expect((await deals.eventsOf(id)).filter(({ type }) => type === 'lead.timed_out').length).toBe(1)
    expect(await deals.done(alpenland, 'acceptLead', { id })).toMatchObject({ state: 'ACCEPTED' })
    deals.advanceClock(48 * hourMs)
    await deals.runTimers()
    expect(await read(alpenland, id)).toMatchObject({ state: 'ACCEPTED' })
  })

  it('passes over partners that are approved no more', async () => {
    const id = await assigned([northwind.organizationId, polder.organizationId, alpenland.organizationId])
    const change = async (status: string) =>
      deals.react({
        type: 'organization.suspended',
        subject: polder.organizationId,
        data: { name: 'Polder', type: 'RESELLER', status, tierId: null, territories: ['BENELUX'], country: 'NL' },
      })
    await change('SUSPENDED')
    await deals.call(northwind, 'declineLead', { id })
    expect(await read(operator, id)).toMatchObject({ organization: { id: alpenland.organizationId } })
    expect((await deals.call(operator, 'assignLead', { id, organizationIds: [polder.organizationId] })).codes).toEqual([
      'PARTNER_NOT_FOUND',
    ])
    await change('APPROVED')
  })

  it('becomes the draft of a registration, once', async () => {
    const id = await assigned([northwind.organizationId])
    expect((await deals.call(northwind, 'convertLead', { id })).codes).toEqual(['ILLEGAL_TRANSITION'])
    await deals.done(northwind, 'acceptLead', { id })
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => deals.call(northwind, 'convertLead', { id })))
    const converted = outcomes.filter(({ codes }) => codes.length === 0)
    expect(converted.length).toBe(1)
    expect(converted[0]?.entity).toMatchObject({ state: 'CONVERTED', deal: { state: 'DRAFT' } })
    const dealId = converted[0]?.entity?.deal?.id
    const expectedCloseDate = new Date(deals.now().getTime() + 30 * 24 * hourMs).toISOString()
    await deals.done(northwind, 'editDeal', { id: dealId, expectedCloseDate })
    expect(await deals.done(northwind, 'submitDeal', { id: dealId })).toMatchObject({
      state: 'SUBMITTED',
      lead: { id },
      customer: { name: expect.stringContaining('Zirbelhof') as string },
      estimatedValue: { amount: '30000.00' },
    })
  })

  it('that was not accepted is declined, not disqualified, by a partner; and never revealed by closing it', async () => {
    const id = await assigned([northwind.organizationId])
    expect((await deals.call(northwind, 'disqualifyLead', { id, reason: 'x' })).codes).toEqual(['ILLEGAL_TRANSITION'])
    await deals.done(operator, 'disqualifyLead', { id, reason: 'Closed down.' })
    const closed = await read(northwind, id)
    expect(closed).toMatchObject({ state: 'DISQUALIFIED', masked: true })
    expect(JSON.stringify(closed)).not.toMatch(secrets)
  })

  it('is created and assigned by the operator alone, with sound input', async () => {
    expect((await deals.call(northwind, 'createLead', leadInput())).codes).toEqual(['FORBIDDEN'])
    const known = leadInput()
    await deals.done(operator, 'createLead', known)
    expect((await deals.call(operator, 'createLead', known)).codes).toEqual(['DUPLICATE_LEAD'])
    expect((await deals.call(operator, 'createLead', leadInput({ productId: 'prod_none' }))).codes).toEqual([
      'PRODUCT_NOT_FOUND',
    ])
    const contact = { name: ' ', email: 'nobody', phone: '12 call me' }
    const { userErrors } = await deals.call(operator, 'createLead', leadInput({ contact }))
    expect(userErrors.map(({ field }) => field?.at(-1))).toEqual(['name', 'email', 'phone'])
    const id = await assigned([northwind.organizationId])
    const none = await deals.call(operator, 'assignLead', { id, organizationIds: [] })
    expect(none.codes).toEqual(['INVALID_INPUT'])
  })
})
