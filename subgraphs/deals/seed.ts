import type { Connection } from 'mongoose'
import { wholeBetween } from '../demo-world/deterministic.ts'
import { type DemoDeal, demoDeals } from '../demo-world/deals.ts'
import { demoOrganizations } from '../demo-world/organizations.ts'
import { demoProducts } from '../demo-world/products.ts'
import { demoTerritories } from '../demo-world/territories.ts'
import { conflictKey } from './customer-key.ts'
import { isExclusive } from './deal-state.ts'
import { createDealModels } from './models.ts'
import type { DealDecision, DealRegistrationDocument } from './models/deal-registration.ts'
import { decisionMs, protectionMs } from './rules.ts'

const hourMs = 60 * 60 * 1000
const dayMs = 24 * hourMs

/** Least values of a deal, in minor units. */
const minimumValues = [
  { minorUnits: 1_000_000, currencyCode: 'EUR' },
  { minorUnits: 900_000, currencyCode: 'GBP' },
  { minorUnits: 1_000_000, currencyCode: 'CHF' },
  { minorUnits: 1_100_000, currencyCode: 'USD' },
] as const

/** Writes the terms of registration and the demo's 60 registrations, which are in every state. */
export async function seedDeals(connection: Connection, { now }: { readonly now: () => Date }): Promise<void> {
  const { deals, program } = createDealModels({ connection, now })
  const active = demoProducts.filter(({ status }) => status === 'ACTIVE')
  await program.insert({
    programs: [...new Set(active.map(({ family }) => family))].map((family) => ({ _id: family, minimumValues })),
    products: active.map(({ id, family, skus }) => ({ _id: id, family, skuIds: skus.map((sku) => sku.id) })),
    territories: demoTerritories.map(({ code, countries }) => ({ _id: code, countries })),
    entitlements: demoOrganizations
      .filter(({ status, operator, type }) => status === 'APPROVED' && !operator && type !== 'ISV')
      .map(({ id, territories }) => ({ _id: id, territories })),
  })
  await deals.insert(demoDeals.map((deal) => registration(deal, now())))
}

function registration(deal: DemoDeal, now: Date): DealRegistrationDocument {
  const { state, territory, productFamily: family } = deal
  const age = deal.createdDaysAgo * dayMs + wholeBetween(`minutes:${deal.slug}`, 30, 9 * 60) * 60_000
  const createdAt = new Date(now.getTime() - age)
  const submittedAt = state === 'DRAFT' ? null : new Date(createdAt.getTime() + 20 * 60_000)
  const decision = submittedAt && decisionOf(deal, submittedAt)
  const customer = { ...deal.customer, taxId: null }
  const isProtected = decision?.outcome === 'APPROVE'
  return {
    _id: deal.id,
    number: dealNumber(deal.slug),
    organizationId: deal.organizationId,
    state,
    customer,
    productId: deal.productId,
    skuId: deal.skuId,
    quantity: deal.quantity,
    estimatedValue: { minorUnits: deal.valueMinorUnits, currencyCode: 'EUR' },
    expectedCloseDate: new Date(createdAt.getTime() + wholeBetween(`close:${deal.slug}`, 30, 120) * dayMs),
    territory,
    conflictKey: conflictKey({ customer, family, territory }),
    exclusive: isExclusive(state),
    submittedAt,
    decisionDueAt: submittedAt && new Date(submittedAt.getTime() + decisionMs),
    protectedUntil: isProtected ? new Date(decision.decidedAt.getTime() + protectionMs) : null,
    decision,
    version: 1,
    createdAt,
    updatedAt: decision?.decidedAt ?? submittedAt ?? createdAt,
  }
}

/** The decision that a registration in this state must have seen. */
function decisionOf(deal: DemoDeal, submittedAt: Date) {
  const outcome = outcomes[deal.state]
  if (!outcome) return null
  const decidedAt = new Date(submittedAt.getTime() + wholeBetween(`decided:${deal.slug}`, 2, 46) * hourMs)
  return { outcome, reason: reasons[outcome], decidedAt }
}

const outcomes: Readonly<Partial<Record<DemoDeal['state'], DealDecision>>> = {
  APPROVED: 'APPROVE',
  CONVERTED: 'APPROVE',
  EXPIRED: 'APPROVE',
  WON: 'APPROVE',
  LOST: 'APPROVE',
  REJECTED: 'REJECT',
  RETURNED: 'RETURN',
}

const reasons: Readonly<Record<DealDecision, string | null>> = {
  APPROVE: null,
  REJECT: 'The customer is served by our direct sales team under a running contract.',
  RETURN: 'Please name the decision maker at the customer and attach the enquiry.',
}

/** A stable number in the form of real ones. */
function dealNumber(slug: string): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
  const digits = Array.from({ length: 10 }, (_, place) => alphabet[wholeBetween(`number:${slug}:${place}`, 0, 31)])
  return `DR-${digits.slice(0, 5).join('')}-${digits.slice(5).join('')}`
}
