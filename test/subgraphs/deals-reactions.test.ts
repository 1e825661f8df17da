import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventValue } from '../../kit/events.ts'
import { createId } from '../../kit/ids.ts'
import { demoEntitlements } from '../../subgraphs/demo-world/entitlements.ts'
import { demoOrganization } from '../../subgraphs/demo-world/organizations.ts'
import { demoProduct } from '../../subgraphs/demo-world/products.ts'
import { type DealsUnderTest, dealInput, northwind, servers, startDeals } from './deals-under-test.ts'
import { callerOf } from './subgraph-under-test.ts'

let deals: DealsUnderTest

beforeAll(async () => {
  deals = await startDeals()
})
afterAll(() => deals?.stop())

const codes = async (changes: Record<string, unknown> = {}, caller = northwind) =>
  (await deals.call(caller, 'registerDeal', dealInput(changes))).codes

function snapshot(slug: string, changes: Readonly<Record<string, EventValue>> = {}): Record<string, EventValue> {
  const { name, type, status, territories, country } = demoOrganization(slug)
  return { name, type, status, tierId: null, territories, country, ...changes }
}

describe('who may register follows the other subgraphs', () => {
  it('a suspended partner may not, a reinstated one and a new one may, in their territories', async () => {
    const subject = northwind.organizationId
    const tierId = (
      await deals.connection.collection<{ _id: string; tierId: string }>('deal_organizations').findOne({ _id: subject })
    )?.tierId
    const tell = (type: string, data: Readonly<Record<string, EventValue>>) =>
      deals.react({ type, subject, data: snapshot('northwind', { tierId: tierId ?? null, ...data }) })
    await tell('organization.suspended', { status: 'SUSPENDED' })
    expect(await codes()).toEqual(['NOT_ENTITLED'])
    await tell('organization.changed', { territories: ['BENELUX'] })
    expect(await codes()).toEqual(['NOT_ENTITLED'])
    await tell('organization.reinstated', {})
    // Told twice, as a log may tell it.
    await tell('organization.reinstated', {})
    expect(await codes()).toEqual([])
  })

  it('a grant lets a partner register, by organization, tier or territory, for a product or a family', async () => {
    const caller = callerOf('tatra')
    const subject = caller.organizationId
    const customer = { name: 'Fatra Sklad', domain: 'fatra.example', country: 'SK' }
    const data = snapshot('tatra', { status: 'APPROVED', tierId: 'tier_new' })
    await deals.react({ type: 'organization.approved', subject, data })
    expect(await codes({ customer }, caller)).toEqual(['NOT_ENTITLED'])

    const nobody = { organizationId: null, tierId: null, territory: null }
    const nothing = { productId: null, family: null }
    const family = 'Servers'
    const grants = [
      { ...nobody, ...nothing, organizationId: subject, productId: servers.id },
      { ...nobody, ...nothing, tierId: 'tier_new', family },
      { ...nobody, ...nothing, territory: 'CEE', family },
    ]
    for (const grant of grants) {
      const id = createId('Entitlement')
      await deals.react({ type: 'entitlement.granted', subject: id, data: { ...grant, action: 'REGISTER' } })
      const { entity } = await deals.call(caller, 'registerDeal', dealInput({ customer }))
      expect(entity).toMatchObject({ state: 'SUBMITTED' })
      await deals.done(caller, 'withdrawDeal', { id: entity?.id })
      await deals.react({ type: 'entitlement.revoked', subject: id, data: { ...grant, action: 'REGISTER' } })
      expect(await codes({ customer }, caller)).toEqual(['NOT_ENTITLED'])
    }
    // To sell something is not to register deals of it, and others' grants are not one's own.
    for (const [action, organizationId] of [
      ['SELL', subject],
      ['REGISTER', northwind.organizationId],
    ] as const) {
      const grant = { ...nobody, ...nothing, organizationId, family, action }
      await deals.react({ type: 'entitlement.granted', subject: createId('Entitlement'), data: grant })
      expect(await codes({ customer }, caller)).toEqual(['NOT_ENTITLED'])
    }
  })

  it('a new product can be registered with its SKUs, a discontinued one no more', async () => {
    const [productId, skuId] = [createId('Product'), createId('Sku')]
    expect(await codes({ productId, skuId: null, quantity: null })).toEqual(['PRODUCT_NOT_REGISTRABLE'])
    const product = { name: 'New server', family: 'Servers', status: 'ACTIVE' }
    await deals.react({ type: 'product.created', subject: productId, data: product })
    expect(await codes({ productId, skuId })).toEqual(['INVALID_INPUT'])
    const sku = { productId, code: 'N-1', family: 'Servers', status: 'ACTIVE' }
    await deals.react({ type: 'sku.created', subject: skuId, data: sku })
    expect(await codes({ productId, skuId })).toEqual([])
    expect(await codes({ skuId })).toEqual(['INVALID_INPUT'])
    await deals.react({ type: 'product.changed', subject: productId, data: { ...product, status: 'DISCONTINUED' } })
    expect(await codes({ productId, skuId })).toEqual(['PRODUCT_NOT_REGISTRABLE'])
  })

  it('the demo knows the grants under the ids of the catalog', async () => {
    const wanted = demoEntitlements.filter(({ action }) => action === 'REGISTER').length
    const grants = await deals.connection
      .collection('deal_grants')
      .find({ family: demoProduct('lumeo-wide-34').family })
      .toArray()
    expect(grants.length).toBe(3)
    expect(wanted).toBeGreaterThan(grants.length)
  })
})
