import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DealsUnderTest, alpenland, dayMs, dealInput, northwind, startDeals } from './deals-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

const polder = callerOf('polder')
const platform = operator.organizationId
const expectedCloseDate = new Date(Date.now() + 300 * dayMs).toISOString()
let deals: DealsUnderTest

beforeAll(async () => {
  deals = await startDeals()
})
afterAll(() => deals?.stop())

async function dealOf(caller: typeof northwind): Promise<string> {
  return (await deals.done(caller, 'registerDeal', dealInput({ expectedCloseDate }))).id
}

interface Seen {
  readonly deal: Record<string, unknown>
  readonly notes: readonly { readonly text: string }[]
}
async function see(caller: typeof northwind, id: string): Promise<Seen | null> {
  const query = `query ($id: ID!) { coSellEngagement(id: $id) { state ownerName guestName notes { by text private }
    deal { number family territory customer { name } product { id } quantity value { amount } expectedCloseDate state } } }`
  const { data } = await deals.execute<{ coSellEngagement: Seen | null }>(caller, query, { id })
  return data.coSellEngagement
}

const nothing = {
  number: null,
  customer: null,
  product: null,
  quantity: null,
  value: null,
  expectedCloseDate: null,
  state: null,
}

async function engaged(shared: readonly string[]): Promise<string> {
  const input = { dealId: await dealOf(northwind), guestOrganizationId: alpenland.organizationId, shared }
  const { id } = await deals.done(northwind, 'inviteCoSell', input)
  await deals.done(alpenland, 'acceptCoSell', { id })
  return id
}

describe('co-selling between two partners', () => {
  it('shows the guest what is shared, only while it is active; the owner sees all', async () => {
    const dealId = await dealOf(northwind)
    const shared = ['CUSTOMER', 'CLOSE_DATE']
    const input = { dealId, guestOrganizationId: alpenland.organizationId, shared, message: 'Join us?' }
    const { id } = await deals.done(northwind, 'inviteCoSell', input)
    expect((await see(alpenland, id))?.deal).toEqual({ ...nothing, family: 'Servers', territory: 'DACH' })
    expect(await see(alpenland, id)).toMatchObject({ ownerName: 'Northwind IT Solutions' })

    await deals.done(alpenland, 'acceptCoSell', { id })
    const active = (await see(alpenland, id))?.deal
    expect(active).toEqual({
      ...nothing,
      family: 'Servers',
      territory: 'DACH',
      customer: { name: expect.stringContaining('Kunde') as string },
      expectedCloseDate,
    })
    expect((await see(northwind, id))?.deal).toMatchObject({
      value: { amount: '48000.00' },
      state: 'SUBMITTED',
      quantity: 10,
    })

    await deals.done(alpenland, 'closeCoSell', { id })
    expect((await see(alpenland, id))?.deal).toEqual({ ...nothing, family: 'Servers', territory: 'DACH' })
    // The registration itself was never the guest's to read.
    const query = 'query ($id: ID!) { dealRegistration(id: $id) { id } }'
    expect((await deals.execute(alpenland, query, { id: dealId })).data).toEqual({ dealRegistration: null })
  })

  it.each([
    ['CUSTOMER', ['customer']],
    ['PRODUCT', ['product', 'quantity']],
    ['VALUE', ['value']],
    ['CLOSE_DATE', ['expectedCloseDate']],
    ['STATE', ['state']],
  ])('shares %s by itself', async (field, visible) => {
    const seen = (await see(alpenland, await engaged([field])))?.deal ?? {}
    const shown = Object.keys(nothing).filter((name) => seen[name] !== null)
    expect(shown).toEqual(visible)
  })

  it('lets the owner alone change what is shared, with effect at once', async () => {
    const id = await engaged(['VALUE'])
    expect((await deals.call(alpenland, 'shareCoSell', { id, shared: ['CUSTOMER'] })).codes).toEqual(['NOT_THE_OWNER'])
    await deals.done(northwind, 'shareCoSell', { id, shared: ['STATE', 'STATE'] })
    expect((await see(alpenland, id))?.deal).toMatchObject({ value: null, state: 'SUBMITTED' })
  })

  it('keeps private notes to the side that wrote them, even from the operator', async () => {
    const id = await engaged([])
    await deals.done(northwind, 'addCoSellNote', { id, text: 'For both.' })
    await deals.done(northwind, 'addCoSellNote', { id, text: 'For us.', private: true })
    await deals.done(alpenland, 'addCoSellNote', { id, text: 'For them.', private: true })
    const texts = async (caller: typeof northwind) => (await see(caller, id))?.notes.map(({ text }) => text)
    expect(await texts(northwind)).toEqual(['For both.', 'For us.'])
    expect(await texts(alpenland)).toEqual(['For both.', 'For them.'])
    expect(await texts(operator)).toEqual(['For both.'])
    const told = (await deals.eventsOf(id)).filter(({ type }) => type === 'co_sell.noted')
    expect(told.map(({ audience }) => audience.length)).toEqual([2, 1, 1])
    expect(JSON.stringify(told)).not.toContain('For')
  })

  it('is nothing to a third partner, and nobody answers an invitation of their own', async () => {
    const dealId = await dealOf(northwind)
    const { id } = await deals.done(northwind, 'inviteCoSell', {
      dealId,
      guestOrganizationId: alpenland.organizationId,
    })
    expect(await see(polder, id)).toBeNull()
    expect((await deals.call(polder, 'acceptCoSell', { id })).codes).toEqual(['NOT_FOUND'])
    expect((await deals.call(operator, 'acceptCoSell', { id })).codes).toEqual(['NOT_A_PARTY'])
    expect((await deals.call(northwind, 'acceptCoSell', { id })).codes).toEqual(['NOT_INVITED'])
    expect((await deals.call(alpenland, 'closeCoSell', { id })).codes).toEqual(['NOT_THE_INVITER'])
    await deals.done(alpenland, 'declineCoSell', { id })
    expect((await deals.call(alpenland, 'acceptCoSell', { id })).codes).toEqual(['ILLEGAL_TRANSITION'])
    // Declined, the partner can be asked again.
    await deals.done(northwind, 'inviteCoSell', { dealId, guestOrganizationId: alpenland.organizationId })
  })

  it('is begun by the owner, on an open deal, with an approved partner, once at a time', async () => {
    const dealId = await dealOf(northwind)
    const invite = (caller: typeof northwind, guestOrganizationId: string | null) =>
      deals.call(caller, 'inviteCoSell', { dealId, guestOrganizationId })
    expect((await invite(alpenland, polder.organizationId)).codes).toEqual(['NOT_FOUND'])
    expect((await invite(northwind, northwind.organizationId)).codes).toEqual(['PARTNER_NOT_FOUND'])
    expect((await invite(northwind, 'org_none')).codes).toEqual(['PARTNER_NOT_FOUND'])
    const both = await Promise.all([1, 2, 3].map(() => invite(northwind, polder.organizationId)))
    expect(both.map(({ codes }) => codes.join()).toSorted()).toEqual(['', 'ALREADY_ENGAGED', 'ALREADY_ENGAGED'])
    await deals.done(northwind, 'withdrawDeal', { id: dealId })
    expect((await invite(northwind, alpenland.organizationId)).codes).toEqual(['ILLEGAL_TRANSITION'])
  })
})

describe('co-selling with the platform', () => {
  it('is offered by the platform and accepted by the owner, who says what is shared', async () => {
    const dealId = await dealOf(northwind)
    const { id } = await deals.done(operator, 'inviteCoSell', { dealId, message: 'Our architect can help.' })
    expect(await see(northwind, id)).toMatchObject({ state: 'INVITED', guestName: 'Meridian Distribution' })
    const accepted = await deals.done(northwind, 'acceptCoSell', { id, shared: ['PRODUCT'] })
    expect(accepted).toMatchObject({ state: 'ACTIVE', invitedBy: 'GUEST', shared: ['PRODUCT'] })
  })

  it('is asked for by the partner', async () => {
    const { id } = await deals.done(northwind, 'inviteCoSell', {
      dealId: await dealOf(northwind),
      guestOrganizationId: platform,
    })
    expect(await deals.done(operator, 'acceptCoSell', { id })).toMatchObject({ state: 'ACTIVE', invitedBy: 'OWNER' })
  })
})

it("an engagement refers to one's own organization and names the other", async () => {
  const id = await engaged([])
  const query = 'query ($id: ID!) { coSellEngagement(id: $id) { owner { id } guest { id } guestName } }'
  const read = async (caller: typeof northwind) =>
    (await deals.execute<{ coSellEngagement: unknown }>(caller, query, { id })).data.coSellEngagement
  const [owner, guest] = [{ id: northwind.organizationId }, { id: alpenland.organizationId }]
  const guestName = 'Alpenland IT-Systemhaus'
  expect(await read(northwind)).toEqual({ owner, guest: null, guestName })
  expect(await read(alpenland)).toEqual({ owner: null, guest, guestName })
  expect(await read(operator)).toEqual({ owner, guest, guestName })
})

it('engagements are listed by side and state', async () => {
  const id = await engaged([])
  const query = `query ($side: CoSellSide!) { coSellEngagements(side: $side, state: ACTIVE, first: 1) { nodes { id } } }`
  const list = async (caller: typeof northwind, side: string) =>
    (await deals.execute<{ coSellEngagements: { nodes: { id: string }[] } }>(caller, query, { side })).data
      .coSellEngagements.nodes[0]?.id
  expect(await list(northwind, 'OWNER')).toBe(id)
  expect(await list(alpenland, 'GUEST')).toBe(id)
  expect(await list(alpenland, 'OWNER')).toBeUndefined()
  expect(await list(operator, 'OWNER')).toBe(id)
})

it('engagements of one registration are listed for their sides, whoever names it', async () => {
  const dealId = await dealOf(northwind)
  const input = { dealId, guestOrganizationId: alpenland.organizationId }
  const { id } = await deals.done(northwind, 'inviteCoSell', input)
  const query = `query ($side: CoSellSide!, $dealId: ID!) {
    coSellEngagements(side: $side, dealId: $dealId) { totalCount nodes { id } } }`
  const list = async (caller: typeof northwind, side: string) =>
    (await deals.execute<{ coSellEngagements: unknown }>(caller, query, { side, dealId })).data.coSellEngagements
  const one = { totalCount: 1, nodes: [{ id }] }
  const none = { totalCount: 0, nodes: [] }
  expect([await list(northwind, 'OWNER'), await list(alpenland, 'GUEST'), await list(operator, 'OWNER')]).toEqual([
    one,
    one,
    one,
  ])
  expect([await list(polder, 'OWNER'), await list(polder, 'GUEST'), await list(alpenland, 'OWNER')]).toEqual([
    none,
    none,
    none,
  ])
})
