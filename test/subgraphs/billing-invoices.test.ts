import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BillingUnderTest, addApp, addPlan, balanceOf, startBilling, unsoundBooks } from './billing-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

const gateway = { ...operator, scopes: ['system:usage'] }
let billing: BillingUnderTest
let plans: { basic: string; metered: string }

beforeAll(async () => {
  billing = await startBilling()
  await addPlan(billing, 'free', '0.00', { isDefault: true })
  plans = {
    basic: await addPlan(billing, 'basic', '31.00'),
    metered: await addPlan(billing, 'metered', '10.00', {
      pricing: [
        { meter: 'calls', scheme: 'PER_UNIT', includedUnits: 1_000, unitsPerPrice: 1_000, price: '0.40' },
        { meter: 'pages', scheme: 'PACKAGE', unitsPerPrice: 100, price: '2.50' },
      ],
    }),
  }
})
afterAll(async () => billing[Symbol.asyncDispose]())

interface Invoice {
  readonly id: string
  readonly number: string | null
  readonly status: string
  readonly period: string | null
  readonly total: { amount: string }
  readonly amountDue: { amount: string }
  readonly lines: readonly { kind: string; quantity: number; amount: { amount: string } }[]
  readonly dueAt: string | null
  readonly version: number
}
const fields =
  'id number status period total { amount currencyCode } amountDue { amount } dueAt version lines { kind description quantity amount { amount } }'
const invoicesOf = async (organization: string): Promise<Invoice[]> => {
  const { invoices } = await billing.read<{ invoices: { nodes: Invoice[] } }>(
    callerOf(organization),
    `{ invoices(first: 250) { nodes { ${fields} } } }`,
  )
  return invoices.nodes
}
const subscribe = (organization: string, appId: string, planId: string) =>
  billing.call(callerOf(organization), 'changePlanSubscription', { appId, planId }, '')
const use = async (appId: string, calls: number, batchId: string) =>
  billing.read(gateway, 'mutation ($b: ID!, $r: [UsageRecordInput!]!) { recordUsage(batchId: $b, records: $r) }', {
    b: batchId,
    r: [{ appId, hour: billing.now().toISOString(), calls, cost: calls * 3, errors: 0 }],
  })
/** Lets the month of `organization` pass, up to where its invoice is drawn up. */
const closeMarch = async () => {
  billing.goTo('2026-04-05T00:00:00.000Z')
  await billing.run('subscription-renewal')
}

describe('the invoice run', () => {
  test('draws up what a month has cost, once the time for late usage is over', async () => {
    billing.goTo('2026-03-16T12:00:00.000Z')
    const appId = await addApp(billing, 'northwind', 'shop')
    await subscribe('northwind', appId, plans.metered)
    await use(appId, 3_500, 'march-1')
    const page = {
      source: 'translator',
      id: '1',
      appId,
      meter: 'pages',
      quantity: 201,
      time: billing.now().toISOString(),
    }
    await billing.call(operator, 'reportUsage', { events: [page] }, 'accepted')
    billing.goTo('2026-04-03T23:00:00.000Z')
    await billing.run()
    expect(await invoicesOf('northwind')).toEqual([])
    billing.goTo('2026-04-04T01:00:00.000Z')
    await billing.run('invoice-run')
    expect(await invoicesOf('northwind')).toMatchObject([
      {
        number: null,
        status: 'DRAFT',
        period: '2026-03',
        total: { amount: '13.50' },
        amountDue: { amount: '0.00' },
        lines: [
          { kind: 'PRORATION_CHARGE', quantity: 1, amount: { amount: '5.00' } },
          { kind: 'USAGE', description: 'calls, shop', quantity: 2_500, amount: { amount: '1.00' } },
          { kind: 'USAGE', description: 'pages, packages of 100, shop', quantity: 3, amount: { amount: '7.50' } },
        ],
      },
    ])
  })

  test('that is run again, or by two processes at once, changes nothing', async () => {
    billing.goTo('2026-03-16T12:00:00.000Z')
    for (const organization of ['oresund', 'suomitek', 'baltica', 'polder']) {
      await subscribe(organization, await addApp(billing, organization, 'app'), plans.basic)
    }
    await closeMarch()
    await billing.runTwice('invoice-run')
    const drawnUp = await billing.all('billing_invoices')
    expect(await invoicesOf('oresund')).toHaveLength(1)
    expect(await invoicesOf('polder')).toHaveLength(1)
    await billing.runTwice('invoice-run')
    await billing.run('invoice-run')
    expect(await billing.all('billing_invoices')).toEqual(drawnUp)
  })

  test('leaves an organization whose subscriptions have not been renewed yet to a later run', async () => {
    billing.goTo('2026-03-16T12:00:00.000Z')
    const first = await addApp(billing, 'rhone', 'first')
    await subscribe('rhone', first, plans.basic)
    billing.goTo('2026-04-05T00:00:00.000Z')
    await billing.run('subscription-renewal')
    // As if its renewal had failed.
    await billing.connection
      .collection('billing_plan_subscriptions')
      .updateOne({ appId: first }, { $set: { renewsAt: new Date('2026-04-01T00:00:00.000Z') } })
    await billing.run('invoice-run')
    expect(await invoicesOf('rhone')).toEqual([])
    await billing.connection
      .collection('billing_plan_subscriptions')
      .updateOne({ appId: first }, { $set: { renewsAt: new Date('2026-05-01T00:00:00.000Z') } })
    billing.goTo('2026-04-05T00:05:00.000Z')
    await billing.run('invoice-run')
    expect(await invoicesOf('rhone')).toHaveLength(1)
  })

  test('is not held up by an organization with more apps than a batch of which one cannot be renewed', async () => {
    billing.goTo('2026-03-16T12:00:00.000Z')
    const stuck = await addApp(billing, 'stuck', 'one')
    await subscribe('well', await addApp(billing, 'well', 'one'), plans.basic)
    await closeMarch()
    const months = billing.connection.collection<{ _id: string }>('billing_subscription_months')
    const month = await months.findOne({ appId: stuck })
    const dueAt = new Date('2026-04-04T00:00:00.000Z')
    await months.insertMany(Array.from({ length: 120 }, (_, n) => ({ ...month, _id: `stuck:${n}`, dueAt })))
    await billing.connection
      .collection('billing_plan_subscriptions')
      .updateOne({ appId: stuck }, { $set: { renewsAt: new Date('2026-04-01T00:00:00.000Z') } })
    await billing.run('invoice-run')
    expect(await invoicesOf('well')).toHaveLength(1)
    await months.deleteMany({ appId: stuck })
  })

  test('makes no invoice of a month that cost nothing', async () => {
    billing.goTo('2026-03-16T12:00:00.000Z')
    await addApp(billing, 'tagus', 'idle')
    await closeMarch()
    await billing.run('invoice-run')
    expect(await invoicesOf('tagus')).toEqual([])
  })
})

const issue = (id: string | undefined) =>
  billing.call<{ invoice: Invoice | null }>(operator, 'issueInvoice', { id }, `invoice { ${fields} }`)

const pay = (id: string | undefined, amount: string, currencyCode = 'EUR', receivedAt: string | null = null) =>
  billing.call<{ invoice: Invoice | null }>(
    operator,
    'recordPayment',
    { invoiceId: id, amount: { amount, currencyCode }, reference: 'SEPA 1', receivedAt },
    `invoice { ${fields} }`,
  )

const voidIt = (id: string | undefined) =>
  billing.call<{ invoice: Invoice | null }>(operator, 'voidInvoice', { id, reason: 'Wrong.' }, `invoice { ${fields} }`)

const find = async (filter: string) => {
  const query = `{ invoices(${filter}) { totalCount nodes { number period status } } }`
  return (await billing.read<{ invoices: { totalCount: number; nodes: Invoice[] } }>(operator, query)).invoices
}

describe('an invoice', () => {
  test('is issued by itself after a day, and numbers have no gaps however many issue at once', async () => {
    billing.goTo('2026-04-05T12:00:00.000Z')
    const [draft] = await invoicesOf('polder')
    await Promise.all([issue(draft?.id), issue(draft?.id)])
    billing.goTo('2026-04-06T12:00:00.000Z')
    await billing.runTwice('invoice-issue')
    const invoices = await billing.all<{ number?: string; status: string }>('billing_invoices')
    expect(invoices.every(({ status }) => status === 'OPEN')).toBe(true)
    const numbers = invoices.map(({ number }) => String(number)).toSorted()
    expect(numbers).toEqual(numbers.map((_, index) => `INV-2026-${String(index + 1).padStart(6, '0')}`))
    expect(await unsoundBooks(billing)).toEqual([])
  })

  test('is paid in parts, and not beyond what is owed', async () => {
    const [open] = await invoicesOf('oresund')
    expect(open).toMatchObject({ status: 'OPEN', total: { amount: '15.50' }, amountDue: { amount: '15.50' } })
    expect((await pay(open?.id, '5.50')).invoice).toMatchObject({ status: 'OPEN', amountDue: { amount: '10.00' } })
    expect((await pay(open?.id, '10.01')).userErrors).toMatchObject([{ code: 'INVALID_AMOUNT' }])
    expect((await pay(open?.id, '10.00', 'CHF')).userErrors).toMatchObject([{ code: 'CURRENCY_MISMATCH' }])
    expect((await voidIt(open?.id)).userErrors).toMatchObject([{ code: 'PARTLY_PAID' }])
    for (const wrong of ['2025-04-05T12:00:00.000Z', '2062-04-05T12:00:00.000Z']) {
      expect((await pay(open?.id, '10.00', 'EUR', wrong)).userErrors).toMatchObject([{ code: 'INVALID_DATE' }])
    }
    expect((await pay(open?.id, '10.00')).invoice).toMatchObject({ status: 'PAID', amountDue: { amount: '0.00' } })
    expect((await pay(open?.id, '1.00')).userErrors).toMatchObject([
      { code: 'ILLEGAL_TRANSITION', message: 'The invoice is PAID and cannot become PAID; it is final.' },
    ])
    expect(await balanceOf(billing, 'RECEIVABLE', 'oresund')).toBe(0)
    expect(await balanceOf(billing, 'CASH')).toBe(1_550)
  })

  test('that is paid by many at once is paid once', async () => {
    const [open] = await invoicesOf('suomitek')
    const answers = await Promise.all(Array.from({ length: 6 }, () => pay(open?.id, '15.50')))
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1)
    expect(await balanceOf(billing, 'RECEIVABLE', 'suomitek')).toBe(0)
  })

  test('that is voided is owed no longer, and its revenue is taken back', async () => {
    const [open] = await invoicesOf('baltica')
    expect(await balanceOf(billing, 'RECEIVABLE', 'baltica')).toBe(1_550)
    const revenue = await balanceOf(billing, 'PLAN_REVENUE')
    expect((await voidIt(open?.id)).invoice).toMatchObject({ status: 'VOID', amountDue: { amount: '0.00' } })
    expect(await balanceOf(billing, 'RECEIVABLE', 'baltica')).toBe(0)
    expect(await balanceOf(billing, 'PLAN_REVENUE')).toBe(revenue + 1_550)
    expect(await unsoundBooks(billing)).toEqual([])
  })

  test('that is a draft still can be voided, which takes back what was booked as unbilled', async () => {
    billing.goTo('2026-06-04T02:00:00.000Z')
    await billing.run('subscription-renewal')
    await billing.run('invoice-run')
    const draft = (await invoicesOf('polder')).find(({ status, period }) => status === 'DRAFT' && period === '2026-05')
    const before = await balanceOf(billing, 'UNBILLED', 'polder')
    expect((await voidIt(draft?.id)).invoice).toMatchObject({ status: 'VOID', number: null })
    expect(await balanceOf(billing, 'UNBILLED', 'polder')).toBe(before - 3_100)
    expect(await unsoundBooks(billing)).toEqual([])
  })

  test("of another organization is not there, and the operator's mutations are refused to partners", async () => {
    const [open] = await invoicesOf('northwind')
    const query = 'query ($id: ID!) { invoice(id: $id) { id } }'
    expect(await billing.read(callerOf('contoso'), query, { id: open?.id })).toEqual({ invoice: null })
    expect(await billing.read(callerOf('northwind'), query, { id: open?.id })).toEqual({ invoice: { id: open?.id } })
    const call = billing.call(callerOf('northwind'), 'voidInvoice', { id: open?.id, reason: 'Mine.' }, '')
    await expect(call).rejects.toThrow('FORBIDDEN')
  })

  test('is found by number, month, status, date and being overdue', async () => {
    const [paid] = (await find('status: PAID, period: "2026-03"')).nodes
    expect((await find(`search: "${paid?.number}"`)).nodes.map(({ number }) => number)).toContain(paid?.number)
    const overdue = await find('overdue: true')
    expect(overdue.nodes.length).toBeGreaterThan(0)
    expect(overdue.nodes.every(({ status }) => status === 'OPEN')).toBe(true)
    expect(
      (await find('createdFrom: "2026-04-01T00:00:00Z", createdTo: "2026-05-01T00:00:00Z", status: DRAFT')).nodes,
    ).toEqual([])
    expect((await find('createdFrom: "2026-06-01T00:00:00Z"')).nodes.every(({ status }) => status !== 'PAID')).toBe(
      true,
    )
  })

  test('in each currency is an invoice of its own', async () => {
    billing.goTo('2026-06-16T00:00:00.000Z')
    const dollars = await addPlan(billing, 'dollars', '1', { monthlyPrice: { amount: '30.00', currencyCode: 'USD' } })
    const appId = await addApp(billing, 'lutece', 'moves')
    await subscribe('lutece', appId, plans.basic)
    await subscribe('lutece', appId, dollars)
    billing.goTo('2026-07-04T02:00:00.000Z')
    await billing.run('subscription-renewal')
    await billing.run('invoice-run')
    const drafts = await billing.read<{ invoices: { nodes: { total: object }[] } }>(
      callerOf('lutece'),
      '{ invoices { nodes { total { amount currencyCode } } } }',
    )
    expect(drafts.invoices.nodes.map(({ total }) => total)).toEqual(
      expect.arrayContaining([
        { amount: '0.00', currencyCode: 'EUR' },
        { amount: '15.00', currencyCode: 'USD' },
      ]),
    )
    billing.goTo('2026-07-06T00:00:00.000Z')
    await billing.run('invoice-issue')
    const settled = (await invoicesOf('lutece')).map(({ status, total }) => `${status} ${total.amount}`)
    expect(settled.toSorted()).toEqual(['OPEN 15.00', 'PAID 0.00'])
    expect(await unsoundBooks(billing)).toEqual([])
  })
})
