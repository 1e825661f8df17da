import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DealsUnderTest, alpenland, dayMs, dealInput, northwind, startDeals } from './deals-under-test.ts'
import { callerOf, operator, streamOf, take } from './subgraph-under-test.ts'

let deals: DealsUnderTest

beforeAll(async () => {
  deals = await startDeals()
})
afterAll(() => deals?.stop())

async function approved(input = dealInput()): Promise<{ id: string; version: number }> {
  const { id } = await deals.done(northwind, 'registerDeal', input)
  return deals.done(operator, 'decideDeal', { id, decision: 'APPROVE' })
}

describe('a draft', () => {
  it('may lack value and date, keeps nobody out, and is submitted once it is complete', async () => {
    const { estimatedValue, expectedCloseDate, ...rest } = dealInput()
    const draft = await deals.done(northwind, 'saveDealDraft', rest)
    expect(draft).toMatchObject({ state: 'DRAFT', exclusive: false, version: 1, estimatedValue: null })
    const { userErrors } = await deals.call(northwind, 'submitDeal', { id: draft.id })
    expect(userErrors.map(({ field }) => field)).toEqual([
      ['input', 'estimatedValue'],
      ['input', 'expectedCloseDate'],
    ])
    await deals.done(northwind, 'editDeal', { id: draft.id, estimatedValue, expectedCloseDate, expectedVersion: 1 })
    const submitted = await deals.done(northwind, 'submitDeal', { id: draft.id, expectedVersion: 2 })
    expect(submitted).toMatchObject({ state: 'SUBMITTED', exclusive: true, version: 3 })
    expect((await deals.eventsOf(draft.id)).map(({ type }) => type)).toEqual([
      'deal.drafted',
      'deal.edited',
      'deal.submitted',
    ])
  })

  it('is edited in part: what is left out stays, what is null goes', async () => {
    const { id } = await deals.done(northwind, 'saveDealDraft', dealInput({ reserveStock: true }))
    const { codes } = await deals.call(northwind, 'editDeal', { id, quantity: null })
    expect(codes).toEqual(['INVALID_INPUT'])
    const edited = await deals.done(northwind, 'editDeal', { id, quantity: null, skuId: null, reserveStock: false })
    expect(edited).toMatchObject({ reserveStock: false, estimatedValue: { amount: '48000.00' } })
  })

  it('can be saved by two partners for one customer, of whom the first to submit wins', async () => {
    const input = dealInput()
    const mine = await deals.done(northwind, 'saveDealDraft', input)
    const theirs = await deals.done(alpenland, 'saveDealDraft', input)
    await deals.done(alpenland, 'submitDeal', { id: theirs.id })
    expect((await deals.call(northwind, 'submitDeal', { id: mine.id })).codes).toEqual(['DUPLICATE_REGISTRATION'])
  })
})

describe('a registration', () => {
  it('goes through review, is returned, completed and submitted again, and withdrawn', async () => {
    const { id } = await deals.done(northwind, 'registerDeal', dealInput())
    expect(await deals.done(operator, 'reviewDeal', { id })).toMatchObject({ state: 'UNDER_REVIEW' })
    const returned = await deals.done(operator, 'decideDeal', { id, decision: 'RETURN', reason: 'Name the buyer.' })
    expect(returned).toMatchObject({ state: 'RETURNED', exclusive: true })
    expect(Date.parse(returned.resubmitBy ?? '') - deals.now().getTime()).toBeGreaterThan(13 * dayMs)
    await deals.done(northwind, 'editDeal', { id, quantity: 12 })
    expect(await deals.done(northwind, 'submitDeal', { id })).toMatchObject({ state: 'SUBMITTED', resubmitBy: null })
    const withdrawn = await deals.done(northwind, 'withdrawDeal', { id, reason: 'The customer waits.' })
    expect(withdrawn).toMatchObject({ state: 'WITHDRAWN', exclusive: false, closeReason: 'The customer waits.' })
  })

  it('is converted, won with its opportunity, reopened by the operator, and lost', async () => {
    const { id } = await approved(dealInput({ reserveStock: true }))
    const converted = await deals.done(northwind, 'convertDeal', {
      id,
      amount: { amount: '50000', currencyCode: 'EUR' },
    })
    expect(converted).toMatchObject({ state: 'CONVERTED', exclusive: true, opportunity: { stage: 'QUALIFICATION' } })
    const won = await deals.done(northwind, 'winDeal', { id })
    expect(won).toMatchObject({ state: 'WON', exclusive: false, wonValue: { amount: '50000.00' } })
    expect(won.opportunity).toMatchObject({ stage: 'WON' })
    const reopened = await deals.done(operator, 'reopenDeal', { id })
    expect(reopened).toMatchObject({ state: 'CONVERTED', exclusive: true, wonValue: null })
    expect(reopened.opportunity).toMatchObject({ stage: 'NEGOTIATION' })
    const lost = await deals.done(northwind, 'loseDeal', { id, reason: 'Too dear.' })
    expect(lost).toMatchObject({ state: 'LOST', closeReason: 'Too dear.', opportunity: { stage: 'LOST' } })

    const events = await deals.eventsOf(id)
    expect(events.map(({ type }) => type)).toEqual(
      ['submitted', 'approved', 'converted', 'won', 'reopened', 'lost'].map((what) => `deal.${what}`),
    )
    const wonEvent = events.find(({ type }) => type === 'deal.won')
    expect(wonEvent?.data).toMatchObject({
      organizationId: northwind.organizationId,
      state: 'WON',
      quantity: 10,
      family: 'Servers',
      territory: 'DACH',
      reserveStock: true,
      valueMinorUnits: 5_000_000,
      currencyCode: 'EUR',
    })
    expect(wonEvent?.audience).toEqual([northwind.organizationId])
  })

  it('is reopened without exclusivity when another partner has taken the customer since', async () => {
    const input = dealInput()
    const { id } = await approved(input)
    await deals.done(northwind, 'winDeal', { id })
    await deals.done(alpenland, 'registerDeal', input)
    expect(await deals.done(operator, 'reopenDeal', { id })).toMatchObject({
      state: 'APPROVED',
      exclusive: false,
      protectedUntil: null,
    })
  })

  it('tells its state and the allowed ones when a command does not fit, and reopens only what is won', async () => {
    const { id } = await approved()
    const { userErrors } = await deals.call(northwind, 'withdrawDeal', { id })
    expect(userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION', field: ['input', 'id'] }])
    expect(userErrors[0]?.message).toContain('is APPROVED')
    expect(userErrors[0]?.message).toContain('CONVERTED, EXPIRED, WON, LOST')
    expect((await deals.call(operator, 'reopenDeal', { id })).codes).toEqual(['ILLEGAL_TRANSITION'])
    await deals.done(northwind, 'winDeal', { id })
    // What reopening does, no other command can do.
    for (const [caller, name, more] of [
      [northwind, 'convertDeal', {}],
      [operator, 'decideDeal', { decision: 'APPROVE' }],
      [northwind, 'loseDeal', { reason: 'No.' }],
    ] as const) {
      expect((await deals.call(caller, name, { id, ...more })).codes).toEqual(['ILLEGAL_TRANSITION'])
    }
  })

  it("is not there for another partner, and the operator's commands are not for partners", async () => {
    const { id } = await deals.done(northwind, 'registerDeal', dealInput())
    for (const name of ['submitDeal', 'withdrawDeal', 'editDeal', 'winDeal', 'convertDeal'] as const) {
      expect((await deals.call(alpenland, name, { id })).codes).toEqual(['NOT_FOUND'])
    }
    for (const name of ['reviewDeal', 'reopenDeal'] as const) {
      expect((await deals.call(northwind, name, { id })).codes).toEqual(['FORBIDDEN'])
    }
    const reader = callerOf('northwind', { scopes: ['deals:read'] })
    expect((await deals.call(reader, 'withdrawDeal', { id })).codes).toEqual(['FORBIDDEN'])
  })

  it('is changed by one of many commands on the same version', async () => {
    const { id, version } = await approved()
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        index % 2 === 0
          ? deals.call(northwind, 'winDeal', { id, expectedVersion: version })
          : deals.call(northwind, 'loseDeal', { id, expectedVersion: version, reason: 'x' }),
      ),
    )
    expect(outcomes.filter(({ codes }) => codes.length === 0).length).toBe(1)
    expect((await deals.eventsOf(id)).length).toBe(3)
  })
})

describe('dealChanged', () => {
  it('tells of every state that a registration comes into, drafts and reopenings included', async () => {
    const stream = streamOf(
      await deals.subscribe(northwind, 'subscription { dealChanged { type state previousState } }'),
    )
    const { id } = await deals.done(northwind, 'saveDealDraft', dealInput())
    await deals.done(northwind, 'submitDeal', { id })
    await deals.done(operator, 'reviewDeal', { id })
    await deals.done(operator, 'decideDeal', { id, decision: 'APPROVE' })
    await deals.done(northwind, 'extendDeal', { id, evidence: [{ kind: 'QUOTE', text: 'Offer 7.' }] })
    await deals.done(northwind, 'convertDeal', { id })
    await deals.done(northwind, 'winDeal', { id })
    await deals.done(operator, 'reopenDeal', { id })
    const told = await take<{ dealChanged: { type: string; state: string; previousState: string } }>(stream, 7)
    expect(told.map(({ dealChanged }) => Object.values(dealChanged).join(' '))).toEqual([
      'deal.drafted DRAFT ',
      'deal.submitted SUBMITTED DRAFT',
      'deal.reviewed UNDER_REVIEW SUBMITTED',
      'deal.approved APPROVED UNDER_REVIEW',
      'deal.converted CONVERTED APPROVED',
      'deal.won WON CONVERTED',
      'deal.reopened CONVERTED WON',
    ])
    await stream.return?.()
  })
})

describe('evidence', () => {
  it('extends a protection by 60 days, once', async () => {
    const { id } = await approved()
    const before = Date.parse((await deals.done(northwind, 'convertDeal', { id })).protectedUntil ?? '')
    expect((await deals.call(northwind, 'extendDeal', { id, evidence: [] })).codes).toEqual(['EVIDENCE_NEEDED'])
    const evidence = [{ kind: 'MEETING', text: 'Workshop on site.', url: 'https://crm.example/7' }]
    const extended = await deals.done(northwind, 'extendDeal', { id, evidence })
    expect(Date.parse(extended.protectedUntil ?? '') - before).toBe(60 * dayMs)
    expect(extended).toMatchObject({ evidence })
    expect((await deals.call(northwind, 'extendDeal', { id, evidence })).codes).toEqual(['ALREADY_EXTENDED'])
  })

  it.each(['javascript:alert(1)', 'data:text/html,x', 'ftp://x.example', 'https://u:p@x.example', 'no address'])(
    'takes no address %j',
    async (url) => {
      const { id } = await deals.done(northwind, 'saveDealDraft', dealInput())
      const { userErrors } = await deals.call(northwind, 'addDealEvidence', {
        id,
        evidence: [{ kind: 'OTHER', text: 'x', url }],
      })
      expect(userErrors).toMatchObject([{ code: 'INVALID_INPUT', field: ['input', 'evidence', '0', 'url'] }])
    },
  )

  it('is at most 15 pieces, for what is not closed, and does not stand in the way of an extension', async () => {
    const { id } = await deals.done(northwind, 'registerDeal', dealInput())
    const evidence = Array.from({ length: 15 }, (_, index) => ({ kind: 'OTHER', text: `Piece ${index}` }))
    await deals.done(northwind, 'addDealEvidence', { id, evidence })
    const one = { id, evidence: evidence.slice(0, 1) }
    expect((await deals.call(northwind, 'addDealEvidence', one)).codes).toEqual(['INVALID_INPUT'])
    await deals.done(operator, 'decideDeal', { id, decision: 'APPROVE' })
    expect((await deals.call(northwind, 'extendDeal', { id, evidence: evidence.slice(0, 6) })).codes).toEqual([
      'INVALID_INPUT',
    ])
    await deals.done(northwind, 'extendDeal', one)
    await deals.done(northwind, 'loseDeal', { id, reason: 'Too dear.' })
    expect((await deals.call(northwind, 'addDealEvidence', one)).codes).toEqual(['ILLEGAL_TRANSITION'])
  })
})

describe('an opportunity', () => {
  it('moves between open stages, and is won or lost with its registration', async () => {
    const { id } = await approved()
    const { opportunity } = await deals.done(northwind, 'convertDeal', { id, stage: 'PROPOSAL' })
    const target = { id: opportunity?.id }
    const amount = { amount: '61000', currencyCode: 'EUR' }
    const changed = await deals.done(northwind, 'updateOpportunity', { ...target, stage: 'NEGOTIATION', amount })
    expect(changed).toMatchObject({ stage: 'NEGOTIATION', version: 2, amount: { amount: '61000.00' } })
    expect((await deals.call(alpenland, 'updateOpportunity', target)).codes).toEqual(['NOT_FOUND'])
    const won = await deals.done(northwind, 'winOpportunity', { ...target, expectedVersion: 2 })
    expect(won).toMatchObject({ stage: 'WON', deal: { id, state: 'WON' } })
    expect((await deals.call(northwind, 'updateOpportunity', target)).codes).toEqual(['ILLEGAL_TRANSITION'])
    expect((await deals.call(northwind, 'loseOpportunity', { ...target, reason: 'x' })).codes).toEqual([
      'ILLEGAL_TRANSITION',
    ])
  })

  it('is found by stage, date and customer, by its own partner only', async () => {
    const input = dealInput({ customer: { name: 'Quittenhof Säfte', domain: 'quittenhof.example', country: 'AT' } })
    const { id } = await approved(input)
    await deals.done(northwind, 'convertDeal', { id, stage: 'PROPOSAL' })
    const query = `query ($search: String, $stage: OpportunityStage) {
      opportunities(search: $search, stage: $stage) { totalCount nodes { deal { id } } } }`
    const find = async (caller: typeof northwind, variables: Record<string, unknown>) =>
      (await deals.execute<{ opportunities: { totalCount: number } }>(caller, query, variables)).data.opportunities
    expect(await find(northwind, { search: 'quitten saf', stage: 'PROPOSAL' })).toMatchObject({
      nodes: [{ deal: { id } }],
    })
    expect(await find(northwind, { search: 'quitten', stage: 'WON' })).toMatchObject({ totalCount: 0 })
    expect(await find(alpenland, { search: 'quitten' })).toMatchObject({ totalCount: 0 })
    expect(await find(operator, { search: 'quitten' })).toMatchObject({ totalCount: 1 })
  })
})
