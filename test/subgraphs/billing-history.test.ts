import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seededId } from '../../kit/ids.ts'
import { type BillingUnderTest, addApp, addPlan, dealEvent, startBilling, unsoundBooks } from './billing-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

/** One step of a history; numbers pick from what there is at that moment. */
type Step =
  | { readonly do: 'plan'; readonly app: number; readonly plan: number; readonly when: 'NOW' | 'PERIOD_END' }
  | { readonly do: 'use'; readonly app: number; readonly calls: number }
  | { readonly do: 'win' | 'reopen'; readonly deal: number; readonly cents: number }
  | { readonly do: 'approve' | 'issue' | 'pay' | 'void' | 'payout' | 'settle' | 'fail'; readonly pick: number }
  | { readonly do: 'wait'; readonly hours: number }
  | { readonly do: 'timers'; readonly twice: boolean }

const pick = fc.nat({ max: 50 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('plan' as const),
    app: pick,
    plan: pick,
    when: fc.constantFrom('NOW' as const, 'PERIOD_END' as const),
  }),
  fc.record({ do: fc.constant('use' as const), app: pick, calls: fc.integer({ min: 1, max: 100_000 }) }),
  fc.record({
    do: fc.constantFrom('win' as const, 'reopen' as const),
    deal: fc.nat({ max: 4 }),
    cents: fc.nat({ max: 10_000_000 }),
  }),
  fc.record({
    do: fc.constantFrom(
      'approve' as const,
      'issue' as const,
      'pay' as const,
      'void' as const,
      'payout' as const,
      'settle' as const,
      'fail' as const,
    ),
    pick,
  }),
  fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 500 }) }),
  fc.record({ do: fc.constant('timers' as const), twice: fc.boolean() }),
)

const organizations = ['northwind', 'contoso']
let billing: BillingUnderTest
const plans: string[] = []
const apps: { readonly id: string; readonly organization: string }[] = []
let batches = 0

beforeAll(async () => {
  billing = await startBilling()
  const revenueShare = { organizationId: seededId('Organization', 'thamesgate'), basisPoints: 3_333 }
  const pricing = [
    {
      meter: 'calls',
      scheme: 'GRADUATED',
      includedUnits: 1_000,
      unitsPerPrice: 1_000,
      tiers: [{ upTo: 20_000, price: '0.33' }, { price: '0.17' }],
    },
    { meter: 'cost', scheme: 'PER_UNIT', unitsPerPrice: 7_000, price: '0.11', revenueShare },
  ]
  plans.push(
    await addPlan(billing, 'free', '0.00', { isDefault: true }),
    await addPlan(billing, 'basic', '33.33', { pricing, revenueShare }),
    await addPlan(billing, 'pro', '99.97', { pricing }),
    await addPlan(billing, 'tried', '49.99', { trialDays: 11 }),
    await addPlan(billing, 'dollars', '1', { monthlyPrice: { amount: '71.01', currencyCode: 'USD' } }),
  )
  for (const organization of organizations) {
    for (const name of ['a', 'b']) {
      apps.push({ id: await addApp(billing, organization, name), organization })
    }
  }
  const rule = { name: 'All', rateBasisPoints: 333, validFrom: '2026-01-01T00:00:00Z' }
  await billing.call(operator, 'createCommissionRule', rule, '')
})
afterAll(async () => billing[Symbol.asyncDispose]())

interface Document {
  readonly id: string
  readonly amountDue?: { amount: string; currencyCode: string }
}

async function some(list: string, status: string, number: number): Promise<Document | undefined> {
  const more = list === 'invoices' ? 'amountDue { amount currencyCode }' : ''
  const query = `{ list: ${list}(first: 250, status: ${status}) { nodes { id ${more} } } }`
  const { list: page } = await billing.read<{ list: { nodes: Document[] } }>(operator, query)
  return page.nodes[number % Math.max(1, page.nodes.length)]
}

/** What a step was refused for; nothing of it may leave a trace then. */
async function take(now: Step): Promise<void> {
  switch (now.do) {
    case 'plan': {
      const app = apps[now.app % apps.length]
      const input = { appId: app?.id, planId: plans[now.plan % plans.length], when: now.when }
      await billing.call(callerOf(app?.organization ?? ''), 'changePlanSubscription', input, '')
      return
    }
    case 'use': {
      batches += 1
      const record = {
        appId: apps[now.app % apps.length]?.id,
        hour: billing.now().toISOString(),
        calls: now.calls,
        cost: now.calls * 3,
        errors: 0,
      }
      const query = 'mutation ($b: ID!, $r: [UsageRecordInput!]!) { recordUsage(batchId: $b, records: $r) }'
      await billing.read({ ...operator, scopes: ['system:usage'] }, query, { b: `batch-${batches}`, r: [record] })
      return
    }
    case 'win':
    case 'reopen':
      await billing.react(
        dealEvent(now.do === 'win' ? 'deal.won' : 'deal.reopened', 'northwind', `deal-${now.deal}`, now.cents),
      )
      return
    case 'approve': {
      const commission = await some('commissions', 'ACCRUED', now.pick)
      if (commission) await billing.call(operator, 'approveCommission', { id: commission.id }, '')
      return
    }
    case 'issue': {
      const draft = await some('invoices', 'DRAFT', now.pick)
      if (draft) await billing.call(operator, 'issueInvoice', { id: draft.id }, '')
      return
    }
    case 'pay': {
      const open = await some('invoices', 'OPEN', now.pick)
      if (open)
        await billing.call(
          operator,
          'recordPayment',
          { invoiceId: open.id, amount: open.amountDue, reference: 'SEPA' },
          '',
        )
      return
    }
    case 'void': {
      const invoice = await some('invoices', now.pick % 2 === 0 ? 'OPEN' : 'DRAFT', now.pick)
      if (invoice) await billing.call(operator, 'voidInvoice', { id: invoice.id, reason: 'Wrong.' }, '')
      return
    }
    case 'payout': {
      const organizationId = seededId('Organization', now.pick % 2 === 0 ? 'northwind' : 'thamesgate')
      await billing.call(operator, 'createPayout', { organizationId, currencyCode: 'EUR' }, '')
      return
    }
    case 'settle':
    case 'fail': {
      const payout = await some('payouts', 'CREATED', now.pick)
      const outcome = now.do === 'settle' ? 'PAID' : 'FAILED'
      if (payout) await billing.call(operator, 'settlePayout', { id: payout.id, outcome, note: 'SEPA' }, '')
      return
    }
    case 'wait':
      billing.goTo(new Date(billing.now().getTime() + now.hours * 3_600_000))
      return
    case 'timers':
      if (now.twice) await billing.runTwice('subscription-renewal')
      if (now.twice) await billing.runTwice('invoice-run')
      await billing.run()
      return
    default:
      now satisfies never
  }
}

interface StoredInvoice {
  readonly status: string
  readonly number?: string
  readonly organizationId: string
  readonly total: { minorUnits: number; currencyCode: string }
  readonly paid: { minorUnits: number }
  readonly lines: { kind: string; amount: { minorUnits: number; currencyCode: string } }[]
}
interface Sum {
  readonly account: string
  readonly organizationId: string | null
  readonly currencyCode: string
  readonly minorUnits: number
}

const add = (amounts: readonly { minorUnits: number }[]) => amounts.reduce((sum, { minorUnits }) => sum + minorUnits, 0)

/** Every rule of the books that has to hold after each history, from the documents and the ledger alike. */
async function broken(): Promise<string[]> {
  const problems = await unsoundBooks(billing)
  const invoices = await billing.all<StoredInvoice>('billing_invoices')
  for (const { total, lines, number, status } of invoices) {
    const sum = lines.reduce((whole, { amount }) => whole + amount.minorUnits, 0)
    if (sum !== total.minorUnits) problems.push(`an invoice of ${total.minorUnits} has lines of ${sum}`)
    if (total.minorUnits < 0) problems.push(`an invoice comes to ${total.minorUnits}`)
    if (lines.some(({ amount }) => amount.currencyCode !== total.currencyCode))
      problems.push('an invoice mixes currencies')
    if (number === undefined && (status === 'OPEN' || status === 'PAID'))
      problems.push('an issued invoice has no number')
  }
  const numbers = invoices.flatMap(({ number }) => number?.slice(-6) ?? []).toSorted()
  if (numbers.some((number, index) => Number(number) !== index + 1))
    problems.push(`numbers have gaps: ${numbers.join()}`)

  const balances = await billing.all<Sum>('billing_ledger_balances')
  const balance = (account: string, currencyCode: string) =>
    balances
      .filter((row) => row.account === account && row.currencyCode === currencyCode && row.organizationId === null)
      .reduce((sum, { minorUnits }) => sum + minorUnits, 0)
  const expectBalance = (account: string, currencyCode: string, expected: number) => {
    const found = balance(account, currencyCode)
    if (found !== expected) problems.push(`${account} ${currencyCode} is ${found}, and documents say ${expected}`)
  }
  const charges = await billing.all<{ invoiceId: string | null; amount: { minorUnits: number; currencyCode: string } }>(
    'billing_charges',
  )
  const drafts = invoices.filter(({ status }) => status === 'DRAFT')
  const earned = await billing.all<{ status: string; amount: { minorUnits: number } }>('billing_commissions')
  const payables = await billing.all<{ kind: string; payoutId: string | null; amount: { minorUnits: number } }>(
    'billing_payables',
  )
  const payouts = await billing.all<{ status: string; amount: { minorUnits: number } }>('billing_payouts')
  for (const currencyCode of ['EUR', 'USD']) {
    const mine = (amount: { currencyCode: string }) => amount.currencyCode === currencyCode
    const open = invoices.filter(({ status, total }) => status === 'OPEN' && mine(total))
    expectBalance('RECEIVABLE', currencyCode, add(open.map(({ total }) => total)) - add(open.map(({ paid }) => paid)))
    expectBalance(
      'CASH',
      currencyCode,
      add(invoices.filter(({ total }) => mine(total)).map(({ paid }) => paid)) -
        (currencyCode === 'EUR'
          ? add(payouts.filter(({ status }) => status === 'PAID').map(({ amount }) => amount))
          : 0),
    )
    const fees = drafts.flatMap(({ lines }) => lines.filter(({ kind, amount }) => kind !== 'USAGE' && mine(amount)))
    const waiting = charges.filter(({ invoiceId, amount }) => invoiceId === null && mine(amount))
    expectBalance(
      'UNBILLED',
      currencyCode,
      add(waiting.map(({ amount }) => amount)) + add(fees.map(({ amount }) => amount)),
    )
  }
  const accrued = add(earned.filter(({ status }) => status === 'ACCRUED').map(({ amount }) => amount))
  const owed = add(payables.filter(({ payoutId }) => payoutId === null).map(({ amount }) => amount))
  expectBalance('PARTNER_PAYABLE', 'EUR', -accrued - owed)
  expectBalance(
    'PAYOUTS_IN_TRANSIT',
    'EUR',
    -add(payouts.filter(({ status }) => status === 'CREATED').map(({ amount }) => amount)),
  )
  return problems
}

test('after any history the books sum to zero and say what the documents say', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      for (const next of steps) {
        await take(next)
      }
      expect(await broken()).toEqual([])
    }),
    { numRuns: 20, endOnFailure: true },
  )
  // What was shown would be little if the histories had moved no money.
  const types = new Set((await billing.all<{ type: string }>('billing_ledger_transactions')).map(({ type }) => type))
  expect(types.size).toBeGreaterThan(5)
})

test('running every timer again changes no document', { timeout: 120_000 }, async () => {
  await billing.run()
  const collections = [
    'billing_invoices',
    'billing_charges',
    'billing_payouts',
    'billing_ledger_entries',
    'billing_plan_subscriptions',
  ]
  const read = () => Promise.all(collections.map((collection) => billing.all(collection)))
  const before = await read()
  await billing.runTwice('subscription-renewal')
  await billing.runTwice('invoice-run')
  await billing.runTwice('invoice-issue')
  await billing.runTwice('payout-run')
  await billing.runTwice('ledger-balances')
  expect(await read()).toEqual(before)
})
