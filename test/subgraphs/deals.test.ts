import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dealsSubgraph } from '../../subgraphs/deals/subgraph.ts'
import { seedDeals } from '../../subgraphs/deals/seed.ts'
import { demoOrganizations } from '../../subgraphs/demo-world/organizations.ts'
import { demoProduct } from '../../subgraphs/demo-world/products.ts'
import { type SubgraphUnderTest, callerOf, operator, startSubgraph } from './subgraph-under-test.ts'

const dayMs = 24 * 60 * 60 * 1000
const northwind = callerOf('northwind')
const alpenland = callerOf('alpenland')
const servers = demoProduct('tarn-r220-2u-server')
let deals: SubgraphUnderTest

beforeAll(async () => {
  deals = await startSubgraph(dealsSubgraph, seedDeals)
})
afterAll(() => deals?.stop())

interface Deal {
  readonly id: string
  readonly number: string
  readonly state: string
  readonly version: number
  readonly territory: string
  readonly decisionDueAt: string | null
  readonly protectedUntil: string | null
  readonly customer: { readonly domain: string | null }
}
interface Payload {
  readonly dealRegistration: Deal | null
  readonly userErrors: readonly { code: string; field: readonly string[]; message: string }[]
}
const payload = `{
  dealRegistration { id number state version territory decisionDueAt protectedUntil customer { domain } }
  userErrors { code field message }
}`

let customers = 0
function inputFor(changes: Record<string, unknown> = {}) {
  customers += 1
  return {
    customer: { name: `Kunde ${customers}`, domain: `kunde-${customers}.example`, country: 'DE' },
    productId: servers.id,
    estimatedValue: { amount: '48000.00', currencyCode: 'EUR' },
    expectedCloseDate: new Date(Date.now() + 30 * dayMs).toISOString(),
    ...changes,
  }
}

async function register(input: object, caller = northwind, key?: string): Promise<Payload> {
  const { data, errors } = await deals.execute<{ registerDeal: Payload }>(
    caller,
    `mutation ($input: RegisterDealInput!, $key: String) { registerDeal(input: $input, idempotencyKey: $key) ${payload} }`,
    { input, key },
  )
  expect(errors).toBeUndefined()
  return data.registerDeal
}

async function decide(input: object): Promise<Payload> {
  const { data, errors } = await deals.execute<{ decideDeal: Payload }>(
    operator,
    `mutation ($input: DecideDealInput!) { decideDeal(input: $input) ${payload} }`,
    { input },
  )
  expect(errors).toBeUndefined()
  return data.decideDeal
}

describe('registering a deal', () => {
  it('stores it as submitted, with the plain domain, the territory of the country and 48 hours to decide', async () => {
    const input = inputFor()
    const customer = { ...input.customer, domain: `https://www.${input.customer.domain.toUpperCase()}/` }
    const { dealRegistration, userErrors } = await register({ ...input, customer })
    expect(userErrors).toEqual([])
    expect(dealRegistration).toMatchObject({
      state: 'SUBMITTED',
      version: 1,
      territory: 'DACH',
      protectedUntil: null,
      customer: { domain: input.customer.domain },
      number: expect.stringMatching(/^DR-[0-9A-Z]{5}-[0-9A-Z]{5}$/) as string,
    })
    const hours = (Date.parse(dealRegistration?.decisionDueAt ?? '') - Date.now()) / 3_600_000
    expect(hours).toBeGreaterThan(47.9)
    expect(hours).toBeLessThanOrEqual(48)
  })

  it('lets one of twenty at once win, and tells the others the same, whoever they are', async () => {
    const input = inputFor()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => register(input, index % 2 === 0 ? northwind : alpenland)),
    )
    expect(answers.filter(({ dealRegistration }) => dealRegistration !== null).length).toBe(1)
    const refusals = answers.filter(({ dealRegistration }) => dealRegistration === null)
    expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1)
    expect(refusals[0]).toMatchObject({ userErrors: [{ code: 'DUPLICATE_REGISTRATION' }] })
    expect(JSON.stringify(refusals[0])).not.toMatch(/northwind|alpenland|org_|deal_|DR-/i)
  })

  it('keeps a customer free in other product families and after a rejection', async () => {
    const input = inputFor()
    const { dealRegistration } = await register(input)
    const monitors = { ...input, productId: demoProduct('lumeo-wide-34').id }
    expect(await register(monitors, alpenland)).toMatchObject({ userErrors: [] })
    await decide({ id: dealRegistration?.id, decision: 'REJECT', reason: 'Direct business.' })
    expect(await register(input, alpenland)).toMatchObject({ userErrors: [] })
  })

  it('holds a customer for the 90 days of protection and not a day longer', async () => {
    const input = { ...inputFor(), expectedCloseDate: new Date(Date.now() + 300 * dayMs).toISOString() }
    const { dealRegistration } = await register(input)
    await decide({ id: dealRegistration?.id, decision: 'APPROVE' })
    deals.advanceClock(89 * dayMs)
    expect(await register(input, alpenland)).toMatchObject({ userErrors: [{ code: 'DUPLICATE_REGISTRATION' }] })
    deals.advanceClock(2 * dayMs)
    expect(await register(input, alpenland)).toMatchObject({ userErrors: [] })
    const { data } = await deals.execute(northwind, 'query ($id: ID!) { dealRegistration(id: $id) { state } }', {
      id: dealRegistration?.id,
    })
    expect(data).toEqual({ dealRegistration: { state: 'EXPIRED' } })
    deals.advanceClock(-91 * dayMs)
  })

  it('refuses what the terms do not allow', async () => {
    const input = inputFor()
    const french = { ...input.customer, country: 'FR' }
    const cases = [
      [{ customer: french }, 'NOT_ENTITLED'],
      [{ customer: { ...input.customer, country: 'US' } }, 'TERRITORY_NOT_SERVED'],
      [{ estimatedValue: { amount: '9999.99', currencyCode: 'EUR' } }, 'BELOW_MINIMUM'],
      [{ estimatedValue: { amount: '99999', currencyCode: 'SEK' } }, 'UNSUPPORTED_CURRENCY'],
      [{ productId: 'prod_none' }, 'PRODUCT_NOT_REGISTRABLE'],
      [{ skuId: demoProduct('lumeo-wide-34').skus[0]?.id }, 'INVALID_INPUT'],
      [{ organizationId: alpenland.organizationId }, 'NOT_ENTITLED'],
    ] as const
    for (const [changes, code] of cases) {
      expect(await register({ ...input, ...changes })).toMatchObject({ userErrors: [{ code }] })
    }
    const suspended = demoOrganizations.find(({ status }) => status === 'SUSPENDED')
    const hungarian = { ...input, customer: { ...input.customer, country: 'HU' } }
    expect(await register(hungarian, callerOf(suspended?.slug ?? ''))).toMatchObject({
      userErrors: [{ code: 'NOT_ENTITLED' }],
    })
  })

  it('tells everything that is wrong with an input at once', async () => {
    const { userErrors } = await register({
      customer: { name: ' ', domain: 'no domain', country: 'Germany' },
      productId: servers.id,
      quantity: 0,
      estimatedValue: { amount: '12,5', currencyCode: 'EUR' },
      expectedCloseDate: '2020-01-01T00:00:00Z',
    })
    expect(userErrors.map(({ field }) => field.join('.'))).toEqual([
      'input.customer.name',
      'input.customer.domain',
      'input.customer.country',
      'input.quantity',
      'input.estimatedValue',
      'input.expectedCloseDate',
    ])
  })

  it('gives the same answer and has one effect for the same key, refusals included', async () => {
    const input = inputFor()
    const answers = await Promise.all(Array.from({ length: 4 }, () => register(input, northwind, 'deal-key')))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(answers[0]?.userErrors).toEqual([])
    const refused = await register(input, northwind, 'second-key')
    expect(refused).toMatchObject({ userErrors: [{ code: 'DUPLICATE_REGISTRATION' }] })
    await decide({ id: answers[0]?.dealRegistration?.id, decision: 'REJECT', reason: 'x' })
    expect(await register(input, northwind, 'second-key')).toEqual(refused)
  })
})

describe('deciding a deal', () => {
  it('protects an approved registration for 90 days', async () => {
    const { dealRegistration } = await register(inputFor())
    const decided = await decide({ id: dealRegistration?.id, decision: 'APPROVE', expectedVersion: 1 })
    expect(decided).toMatchObject({ dealRegistration: { state: 'APPROVED', version: 2 }, userErrors: [] })
    const days = (Date.parse(decided.dealRegistration?.protectedUntil ?? '') - Date.now()) / dayMs
    expect(days).toBeCloseTo(90, 1)
  })

  it('refuses an illegal transition and names the current and the allowed states', async () => {
    const { dealRegistration } = await register(inputFor())
    await decide({ id: dealRegistration?.id, decision: 'APPROVE' })
    const { userErrors } = await decide({ id: dealRegistration?.id, decision: 'REJECT', reason: 'Too late.' })
    expect(userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION', field: ['input', 'decision'] }])
    expect(userErrors[0]?.message).toContain('APPROVED')
    expect(userErrors[0]?.message).toContain('CONVERTED, EXPIRED, WON, LOST')
  })

  it('refuses an old version, an unknown registration, and to reject without a reason', async () => {
    const { dealRegistration } = await register(inputFor())
    const id = dealRegistration?.id
    expect(await decide({ id, decision: 'APPROVE', expectedVersion: 7 })).toMatchObject({
      userErrors: [{ code: 'STALE_VERSION' }],
    })
    expect(await decide({ id: 'deal_none', decision: 'APPROVE' })).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND' }],
    })
    expect(await decide({ id, decision: 'REJECT', reason: '  ' })).toMatchObject({
      userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'reason'] }],
    })
  })

  it('lets one of several decisions of the same version stand', async () => {
    const { dealRegistration } = await register(inputFor())
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        decide({
          id: dealRegistration?.id,
          decision: index % 2 ? 'APPROVE' : 'REJECT',
          reason: 'x',
          expectedVersion: 1,
        }),
      ),
    )
    expect(answers.filter(({ userErrors }) => userErrors.length === 0).length).toBe(1)
  })

  it('is not for partners, not even with the scope', async () => {
    const { dealRegistration } = await register(inputFor())
    const { errors } = await deals.execute(
      northwind,
      'mutation ($input: DecideDealInput!) { decideDeal(input: $input) { userErrors { code } } }',
      { input: { id: dealRegistration?.id, decision: 'APPROVE' } },
    )
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})
