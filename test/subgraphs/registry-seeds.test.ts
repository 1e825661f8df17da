import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { subgraphs } from '../../subgraphs/registry.ts'
import { type DemoGraph, startDemoGraph } from './demo-graph.ts'

let graph: DemoGraph
beforeAll(async () => {
  graph = await startDemoGraph(subgraphs.map(({ name }) => name))
})
afterAll(async () => graph[Symbol.asyncDispose]())

/** Every distinct value of a field that is not null. */
async function valuesOf(collection: string, field: string): Promise<Set<unknown>> {
  const documents = await graph.connection.collection(collection).find({}).toArray()
  const values = documents.map((document): unknown => document[field]).filter((value) => value != null)
  expect(values.length, `${collection}.${field} is empty`).toBeGreaterThan(0)
  return new Set(values)
}

describe('the seeds of all subgraphs', () => {
  test.each([
    ['partner_members', 'organizationId', 'partner_organizations'],
    ['partner_apps', 'organizationId', 'partner_organizations'],
    ['partner_organizations', 'tierId', 'partner_tiers'],
    ['partner_app_credentials', 'appId', 'partner_apps'],
    ['partner_consents', 'appId', 'partner_apps'],
    ['partner_consents', 'memberId', 'partner_members'],
    ['partner_certifications', 'memberId', 'partner_members'],
    ['partner_invitations', 'memberId', 'partner_members'],
    ['partner_invitations', 'organizationId', 'partner_organizations'],
    ['partner_won_deals', 'organizationId', 'partner_organizations'],
    ['partner_tier_standings', '_id', 'partner_organizations'],
    ['catalog_skus', 'productId', 'catalog_products'],
    ['catalog_prices', 'skuId', 'catalog_skus'],
    ['catalog_prices', 'priceListId', 'catalog_price_lists'],
    ['catalog_price_list_assignments', 'organizationId', 'partner_organizations'],
    ['catalog_price_list_assignments', 'tierId', 'partner_tiers'],
    ['catalog_organizations', '_id', 'partner_organizations'],
    ['catalog_entitlements', 'tierId', 'partner_tiers'],
    ['catalog_entitlements', 'productId', 'catalog_products'],
    ['catalog_app_listings', 'appId', 'partner_apps'],
    ['catalog_installations', 'listingId', 'catalog_app_listings'],
    ['catalog_installations', 'organizationId', 'partner_organizations'],
    ['catalog_reviews', 'listingId', 'catalog_app_listings'],
    ['billing_plan_subscriptions', 'appId', 'partner_apps'],
    ['billing_plan_subscriptions', 'planId', 'billing_plans'],
    ['billing_usage_hours', 'appId', 'partner_apps'],
    ['billing_invoices', 'organizationId', 'partner_organizations'],
    ['billing_commissions', 'organizationId', 'partner_organizations'],
    ['billing_commissions', 'dealId', 'deal_registrations'],
    ['billing_app_limits', '_id', 'partner_apps'],
    ['billing_plan_requests', 'planId', 'billing_plans'],
    ['billing_commissions', 'ruleId', 'billing_commission_rules'],
    ['billing_commission_rules', 'tierId', 'partner_tiers'],
    ['billing_organizations', 'tierId', 'partner_tiers'],
    ['billing_organizations', '_id', 'partner_organizations'],
    ['billing_payables', 'organizationId', 'partner_organizations'],
    ['billing_revenue_shares', 'invoiceId', 'billing_invoices'],
    ['deal_registrations', 'organizationId', 'partner_organizations'],
    ['deal_registrations', 'productId', 'catalog_products'],
    ['deal_registrations', 'skuId', 'catalog_skus'],
    ['inventory_levels', 'skuId', 'catalog_skus'],
    ['inventory_levels', 'locationId', 'locations'],
  ])('agree: every %s.%s is one of %s', async (collection, field, target) => {
    const known = await valuesOf(target, '_id')
    for (const value of await valuesOf(collection, field)) expect(known).toContain(value)
  })
})
