import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createId, seededId } from '../../kit/ids.ts'
import {
  type BillingUnderTest,
  addApp,
  addPlan,
  balanceOf,
  dealEvent,
  startBilling,
  unsoundBooks,
} from './billing-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

const gold = seededId('PartnerTier', 'gold')
let billing: BillingUnderTest

beforeAll(async () => {
  billing = await startBilling()
  await addPlan(billing, 'free', '0.00', { isDefault: true })
  await addRule({ name: 'Gold', tierId: gold, rateBasisPoints: 400 })
  await addRule({
    name: 'Gold notebooks, capped',
    tierId: gold,
    family: 'Notebooks',
    rateBasisPoints: 500,
    cap: euros('60.00'),
  })
  await addRule({
    name: 'Northwind',
    organizationId: seededId('Organization', 'northwind'),
    fixedAmount: euros('75.00'),
  })
  for (const organization of ['fjordline', 'northwind', 'alpenland', 'pennine', 'polder']) {
    await join(organization, gold)
  }
})
afterAll(async () => billing[Symbol.asyncDispose]())

interface Commission {
  readonly id: string
  readonly status: string
  readonly amount: { amount: string }
}
interface Payout {
  readonly id: string
  readonly status: string
  readonly amount: { amount: string }
}

function euros(amount: string) {
  return { amount, currencyCode: 'EUR' }
}
async function addRule(fields: object) {
  const { userErrors } = await billing.call(
    operator,
    'createCommissionRule',
    { validFrom: '2026-01-01T00:00:00Z', ...fields },
    '',
  )
  expect(userErrors).toEqual([])
}
async function join(organization: string, tierId: string | null) {
  const data = { name: organization, type: 'RESELLER', status: 'APPROVED', tierId, territories: [], country: 'DE' }
  await billing.react({ type: 'organization.approved', subject: seededId('Organization', organization), data })
}
async function commissionsOf(organization: string): Promise<Commission[]> {
  const query = '{ commissions(first: 250) { nodes { id status amount { amount } } } }'
  const { commissions } = await billing.read<{ commissions: { nodes: Commission[] } }>(callerOf(organization), query)
  return commissions.nodes
}
async function payoutsOf(organization: string): Promise<Payout[]> {
  const query = '{ payouts(first: 250) { nodes { id status amount { amount } } } }'
  const { payouts } = await billing.read<{ payouts: { nodes: Payout[] } }>(callerOf(organization), query)
  return payouts.nodes
}
const approve = (id: string | undefined) =>
  billing.call<{ commission: Commission | null }>(operator, 'approveCommission', { id }, 'commission { id status }')
const settle = (id: string | undefined, outcome: 'PAID' | 'FAILED') =>
  billing.call<{ payout: Payout | null }>(
    operator,
    'settlePayout',
    { id, outcome, note: 'SEPA 7' },
    'payout { status }',
  )
const payOut = (organization: string) =>
  billing.call<{ payout: Payout | null }>(
    operator,
    'createPayout',
    { organizationId: seededId('Organization', organization), currencyCode: 'EUR' },
    'payout { id status amount { amount } }',
  )
/** Wins and approves a deal of an organization, and answers its commission. */
async function earn(organization: string, deal: string, cents: number): Promise<Commission> {
  await billing.react(dealEvent('deal.won', organization, deal, cents))
  const found = (await commissionsOf(organization)).find(({ status }) => status === 'ACCRUED')
  await approve(found?.id)
  if (found === undefined) throw new Error('the deal has earned nothing')
  return found
}

describe('a won deal', () => {
  test('earns by the rule that is nearest to it, capped', async () => {
    await billing.react(dealEvent('deal.won', 'fjordline', 'near', 100_000))
    await billing.react(dealEvent('deal.won', 'fjordline', 'capped', 900_000))
    const other = dealEvent('deal.won', 'fjordline', 'other', 100_000)
    await billing.react({ ...other, data: { ...other.data, family: 'Servers' } })
    expect((await commissionsOf('fjordline')).map(({ amount }) => amount.amount).toSorted()).toEqual([
      '40.00',
      '50.00',
      '60.00',
    ])
    await billing.react(dealEvent('deal.won', 'northwind', 'own', 100_000))
    expect(await commissionsOf('northwind')).toMatchObject([{ status: 'ACCRUED', amount: { amount: '75.00' } }])
  })

  test('earns once, even when two processes handle its event at once', async () => {
    const won = { ...dealEvent('deal.won', 'alpenland', 'twice'), id: createId('Event') }
    await billing.reactTwice(won)
    await billing.react(won)
    expect(await commissionsOf('alpenland')).toHaveLength(1)
    expect(await unsoundBooks(billing)).toEqual([])
  })

  test('that does not say what it is worth earns nothing and holds up no other', async () => {
    const { data, ...won } = dealEvent('deal.won', 'alpenland', 'worthless')
    const { valueMinorUnits, ...rest } = data
    expect(valueMinorUnits).toBe(100_000)
    await billing.react({ ...won, data: rest })
    expect(await commissionsOf('alpenland')).toHaveLength(1)
  })

  test('earns nothing where no rule applies', async () => {
    await billing.react(dealEvent('deal.won', 'tatra', 'none'))
    expect(await commissionsOf('tatra')).toEqual([])
  })

  test('that is reopened has earned nothing, and can be won again', async () => {
    const won = { ...dealEvent('deal.won', 'pennine', 'again'), id: createId('Event') }
    const reopened = { ...dealEvent('deal.reopened', 'pennine', 'again'), id: createId('Event') }
    await billing.react(won)
    await billing.reactTwice(reopened)
    expect(await commissionsOf('pennine')).toMatchObject([{ status: 'REVERSED' }])
    expect(await balanceOf(billing, 'PARTNER_PAYABLE', 'pennine')).toBe(0)
    // Handled anew, neither has a second effect.
    await billing.react(won)
    expect(await commissionsOf('pennine')).toHaveLength(1)
    billing.goTo('2026-03-17T12:00:00.000Z')
    await billing.react(dealEvent('deal.won', 'pennine', 'again'))
    await billing.react(reopened)
    expect((await commissionsOf('pennine')).map(({ status }) => status).toSorted()).toEqual(['ACCRUED', 'REVERSED'])
    expect(await balanceOf(billing, 'PARTNER_PAYABLE', 'pennine')).toBe(-5_000)
  })

  test('whose event is handled after that of its reopening has earned nothing', async () => {
    const won = { ...dealEvent('deal.won', 'polder', 'late'), id: createId('Event'), time: billing.now() }
    billing.place(won)
    await billing.react(dealEvent('deal.reopened', 'polder', 'late'))
    await billing.react(won)
    expect(await commissionsOf('polder')).toEqual([])
  })

  test('is told to its organization and the operator only', async () => {
    expect(await commissionsOf('contoso')).toEqual([])
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on DealRegistration { commission { status } } } }`
    const variables = { r: [{ __typename: 'DealRegistration', id: seededId('DealRegistration', 'near') }] }
    expect(await billing.read(callerOf('contoso'), query, variables)).toEqual({ _entities: [{ commission: null }] })
    expect(await billing.read(operator, query, variables)).toMatchObject({
      _entities: [{ commission: { status: 'ACCRUED' } }],
    })
  })
})

describe('a commission', () => {
  test('is approved once, and not after it was reversed', async () => {
    await join('lutece', gold)
    const { id } = await earn('lutece', 'approved', 100_000)
    expect((await approve(id)).userErrors).toMatchObject([
      { code: 'ILLEGAL_TRANSITION', message: expect.stringContaining('APPROVED') as string },
    ])
    await billing.react(dealEvent('deal.reopened', 'lutece', 'approved'))
    expect((await approve(id)).userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
    expect((await payOut('lutece')).userErrors).toMatchObject([{ code: 'BELOW_MINIMUM' }])
  })
})

describe('a payout', () => {
  test('waits until what is owed is worth a transfer', async () => {
    await join('rhone', gold)
    await earn('rhone', 'small', 50_000)
    expect((await payOut('rhone')).userErrors).toMatchObject([{ code: 'BELOW_MINIMUM' }])
    await billing.call(operator, 'setPayoutMinimum', { minimum: euros('20.00') }, 'minimum { amount }')
    expect((await payOut('rhone')).payout).toMatchObject({ status: 'CREATED', amount: { amount: '25.00' } })
    await billing.call(operator, 'setPayoutMinimum', { minimum: euros('50.00') }, '')
  })

  test('is made once a month, by one of two processes', async () => {
    await earn('polder', 'monthly', 200_000)
    await billing.run('payout-run')
    expect(await payoutsOf('polder')).toEqual([])
    billing.goTo('2026-04-01T00:00:00.000Z')
    await billing.runTwice('payout-run')
    await billing.runTwice('payout-run')
    expect(await payoutsOf('polder')).toMatchObject([{ status: 'CREATED', amount: { amount: '60.00' } }])
    expect(await balanceOf(billing, 'PAYOUTS_IN_TRANSIT', 'polder')).toBe(-6_000)
    expect(await unsoundBooks(billing)).toEqual([])
  })

  test('that arrives pays its commissions; that fails leaves them to the next one', async () => {
    await join('scheldt', gold)
    await earn('scheldt', 'failing', 200_000)
    const first = await payOut('scheldt')
    expect((await settle(first.payout?.id, 'FAILED')).payout).toEqual({ status: 'FAILED' })
    expect((await settle(first.payout?.id, 'PAID')).userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
    expect(await balanceOf(billing, 'PARTNER_PAYABLE', 'scheldt')).toBe(-6_000)
    const second = await payOut('scheldt')
    const answers = await Promise.all([settle(second.payout?.id, 'PAID'), settle(second.payout?.id, 'PAID')])
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1)
    expect(await commissionsOf('scheldt')).toMatchObject([{ status: 'PAID' }])
    expect(await balanceOf(billing, 'PARTNER_PAYABLE', 'scheldt')).toBe(0)
    expect(await balanceOf(billing, 'PAYOUTS_IN_TRANSIT', 'scheldt')).toBe(0)
  })

  test('is less by what was paid for a deal that is reopened', async () => {
    await join('moselle', gold)
    await earn('moselle', 'clawed', 200_000)
    await settle((await payOut('moselle')).payout?.id, 'PAID')
    await billing.react(dealEvent('deal.reopened', 'moselle', 'clawed'))
    expect(await balanceOf(billing, 'PARTNER_PAYABLE', 'moselle')).toBe(6_000)
    await earn('moselle', 'next', 200_000)
    expect((await payOut('moselle')).userErrors).toMatchObject([{ code: 'BELOW_MINIMUM' }])
    await earn('moselle', 'more', 200_000)
    expect((await payOut('moselle')).payout).toMatchObject({ amount: { amount: '60.00' } })
    expect(await unsoundBooks(billing)).toEqual([])
  })

  test('on its way when its deal is reopened is taken off the next one', async () => {
    await join('shannon', gold)
    await earn('shannon', 'transit', 200_000)
    const { payout } = await payOut('shannon')
    await billing.react(dealEvent('deal.reopened', 'shannon', 'transit'))
    await settle(payout?.id, 'PAID')
    expect(await commissionsOf('shannon')).toMatchObject([{ status: 'REVERSED' }])
    expect(await balanceOf(billing, 'PARTNER_PAYABLE', 'shannon')).toBe(6_000)
  })
})

describe('a revenue share', () => {
  test('is earned by the publisher when an invoice is paid, and is part of the next payout', async () => {
    const publisher = seededId('Organization', 'thamesgate')
    billing.goTo('2026-05-01T00:00:00.000Z')
    const planId = await addPlan(billing, 'listed', '100.00', {
      revenueShare: { organizationId: publisher, basisPoints: 7_001 },
    })
    const appId = await addApp(billing, 'contoso', 'buyer')
    await billing.call(callerOf('contoso'), 'changePlanSubscription', { appId, planId }, '')
    billing.goTo('2026-06-06T00:00:00.000Z')
    await billing.run()
    billing.goTo('2026-06-08T00:00:00.000Z')
    await billing.run()
    const { invoices } = await billing.read<{ invoices: { nodes: { id: string }[] } }>(
      callerOf('contoso'),
      '{ invoices(period: "2026-05") { nodes { id } } }',
    )
    const payment = { invoiceId: invoices.nodes[0]?.id, amount: euros('100.00'), reference: 'SEPA 9' }
    expect((await billing.call(operator, 'recordPayment', payment, '')).userErrors).toEqual([])
    const query = '{ revenueShares { nodes { period gross { amount } shareBasisPoints amount { amount } } } }'
    expect(await billing.read(callerOf('thamesgate'), query)).toEqual({
      revenueShares: {
        nodes: [
          { period: '2026-05', gross: { amount: '100.00' }, shareBasisPoints: 7_001, amount: { amount: '70.01' } },
        ],
      },
    })
    expect((await payOut('thamesgate')).payout).toMatchObject({ amount: { amount: '70.01' } })
    expect(await unsoundBooks(billing)).toEqual([])
  })
})

describe('the books', () => {
  test('are walked in bounded steps whose sums are the balances', async () => {
    await billing.run('ledger-balances')
    interface Sum {
      readonly account: string
      readonly balance: { amount: string; currencyCode: string }
    }
    interface Step {
      readonly transactions: number
      readonly unbalanced: string[]
      readonly sums: Sum[]
      readonly endCursor: string | null
      readonly hasNextPage: boolean
    }
    const sums = new Map<string, number>()
    let after: string | null = null
    let steps = 0
    for (;;) {
      const query: string = `query ($after: String) { verifyLedger(first: 5, after: $after) {
        transactions unbalanced sums { account balance { amount currencyCode } } endCursor hasNextPage } }`
      const { verifyLedger }: { verifyLedger: Step } = await billing.read(operator, query, { after })
      expect(verifyLedger.unbalanced).toEqual([])
      for (const { account, balance } of verifyLedger.sums) {
        sums.set(account, (sums.get(account) ?? 0) + Math.round(Number(balance.amount) * 100))
      }
      steps += 1
      after = verifyLedger.endCursor
      if (!verifyLedger.hasNextPage) break
    }
    expect(steps).toBeGreaterThan(5)
    const { ledgerBalances } = await billing.read<{ ledgerBalances: Sum[] }>(
      operator,
      '{ ledgerBalances { account balance { amount currencyCode } } }',
    )
    const cents = ledgerBalances.map(
      ({ account, balance }) => [account, Math.round(Number(balance.amount) * 100)] as const,
    )
    expect(new Map(cents)).toEqual(sums)
  })

  test('name a transaction whose entries were tampered with', async () => {
    const entries = billing.connection.collection('billing_ledger_entries')
    const entry = await entries.findOne({ account: 'CASH' })
    await entries.updateOne({ _id: entry?._id as never }, { $inc: { minorUnits: 1 } })
    const { verifyLedger } = await billing.read<{ verifyLedger: { unbalanced: string[] } }>(
      operator,
      '{ verifyLedger { unbalanced } }',
    )
    expect(verifyLedger.unbalanced).toEqual([entry?.['transactionId']])
    await entries.updateOne({ _id: entry?._id as never }, { $inc: { minorUnits: -1 } })
  })

  test('show a partner the entries of its own accounts and no others', async () => {
    const query = '{ ledgerEntries(first: 250) { nodes { account organization { id } amount { amount } } } }'
    const { ledgerEntries } = await billing.read<{
      ledgerEntries: { nodes: { account: string; organization: { id: string } | null }[] }
    }>(callerOf('moselle'), query)
    expect(ledgerEntries.nodes.length).toBeGreaterThan(3)
    const own = seededId('Organization', 'moselle')
    expect(ledgerEntries.nodes.every(({ organization }) => organization?.id === own)).toBe(true)
    await expect(billing.read(callerOf('moselle'), '{ ledgerBalances { account } }')).rejects.toThrow('FORBIDDEN')
    await expect(billing.read(callerOf('moselle'), '{ verifyLedger { entries } }')).rejects.toThrow('FORBIDDEN')
  })
})

describe('commission rules', () => {
  test.each([
    [
      'a rate and a fixed amount',
      { rateBasisPoints: 100, fixedAmount: { amount: '1.00', currencyCode: 'EUR' } },
      'INVALID_RATE',
    ],
    ['neither', {}, 'INVALID_RATE'],
    ['more than the deal', { rateBasisPoints: 10_001 }, 'INVALID_RATE'],
    ['an end before the beginning', { rateBasisPoints: 1, validUntil: '2025-01-01T00:00:00Z' }, 'INVALID_VALIDITY'],
    ['a tier that is none', { rateBasisPoints: 1, tierId: 'gold' }, 'NOT_FOUND'],
    ['no name', { rateBasisPoints: 1, name: ' ' }, 'INVALID_TEXT'],
  ])('with %s are refused', async (_case, fields, code) => {
    const input = { name: 'Wrong', ...fields }
    expect((await billing.call(operator, 'createCommissionRule', input, '')).userErrors).toMatchObject([{ code }])
  })

  test('that are archived apply no longer', async () => {
    await join('tirreno', seededId('PartnerTier', 'silver'))
    const { commissionRule } = await billing.call<{ commissionRule: { id: string } }>(
      operator,
      'createCommissionRule',
      {
        name: 'Silver',
        tierId: seededId('PartnerTier', 'silver'),
        rateBasisPoints: 100,
        validFrom: '2026-01-01T00:00:00Z',
      },
      'commissionRule { id }',
    )
    const archive = () => billing.call(operator, 'archiveCommissionRule', { id: commissionRule.id }, '')
    expect((await archive()).userErrors).toEqual([])
    expect((await archive()).userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
    await billing.react(dealEvent('deal.won', 'tirreno', 'archived'))
    expect(await commissionsOf('tirreno')).toEqual([])
    // Won before that and handled only now, as after its event was parked.
    const time = new Date(billing.now().getTime() - 60_000)
    await billing.react({ ...dealEvent('deal.won', 'tirreno', 'won before'), time })
    const earned = await billing.connection
      .collection('billing_commissions')
      .find({ organizationId: seededId('Organization', 'tirreno') })
      .toArray()
    expect(earned).toMatchObject([{ dealId: seededId('DealRegistration', 'won before'), accruedAt: time }])
  })
})
