import { seededId } from '../../../kit/ids.ts'
import { type DemoDeal, demoDeals } from '../../demo-world/deals.ts'
import { wholeBetween } from '../../demo-world/deterministic.ts'
import { demoLeads } from '../../demo-world/leads.ts'
import type { DealModels } from '../models.ts'
import type { OpportunityDocument } from '../opportunities/opportunities.ts'
import type { DealDecision, DealRegistrationDocument } from '../registrations/deal-document.ts'
import { derivedFields } from '../registrations/deal-input.ts'
import { isExclusive, protectedStates } from '../registrations/deal-state.ts'
import { decisionMs, nextNoticeAt, protectionMs, resubmitMs } from '../registrations/periods.ts'

const hourMs = 60 * 60 * 1000
const dayMs = 24 * hourMs

/** Writes the demo's 60 registrations, which are in every state, and the opportunities that some became. */
export async function seedRegistrations({ deals, opportunities }: DealModels, now: Date): Promise<void> {
  const registrations = demoDeals.map((deal) => registration(deal, now))
  await deals.insert(registrations)
  await opportunities.insert(registrations.flatMap((deal) => opportunityOf(deal) ?? []))
}

function registration(deal: DemoDeal, now: Date): DealRegistrationDocument {
  const { state, territory, productFamily: family } = deal
  const age = deal.createdDaysAgo * dayMs + wholeBetween(`minutes:${deal.slug}`, 30, 9 * 60) * 60_000
  const createdAt = new Date(now.getTime() - age)
  const submittedAt = state === 'DRAFT' ? null : new Date(createdAt.getTime() + 20 * 60_000)
  const decisionDueAt = submittedAt && new Date(submittedAt.getTime() + decisionMs)
  const decision = submittedAt && decisionOf(deal, submittedAt)
  const customer = { ...deal.customer, taxId: null }
  const protectedUntil = decision?.outcome === 'APPROVE' ? new Date(decision.decidedAt.getTime() + protectionMs) : null
  const resubmitBy = state === 'RETURNED' && decision ? new Date(decision.decidedAt.getTime() + resubmitMs) : null
  const runs = protectedStates.has(state)
  const updatedAt = decision?.decidedAt ?? submittedAt ?? createdAt
  const estimatedValue = { minorUnits: deal.valueMinorUnits, currencyCode: 'EUR' }
  const number = dealNumber(deal.slug)
  return {
    ...derivedFields(customer, { family, territory }, number),
    _id: deal.id,
    number,
    organizationId: deal.organizationId,
    state,
    customer,
    productId: deal.productId,
    skuId: deal.skuId,
    quantity: deal.quantity,
    estimatedValue,
    expectedCloseDate: new Date(createdAt.getTime() + wholeBetween(`close:${deal.slug}`, 30, 120) * dayMs),
    reserveStock: false,
    exclusive: isExclusive(state),
    heldUntil: runs ? protectedUntil : resubmitBy,
    submittedAt,
    decisionDueAt,
    decisionNoticeAt: state === 'SUBMITTED' || state === 'UNDER_REVIEW' ? decisionDueAt : null,
    protectedUntil,
    protectionNoticeAt: runs && protectedUntil ? nextNoticeAt(protectedUntil, now) : null,
    extendedAt: null,
    decision,
    evidence: [],
    leadId: demoLeads.find((lead) => lead.deal?.id === deal.id)?.id ?? null,
    opportunityId: state === 'CONVERTED' || state === 'WON' ? seededId('Opportunity', deal.slug) : null,
    wonValue: state === 'WON' ? estimatedValue : null,
    closedAt: state === 'DRAFT' || isExclusive(state) ? null : updatedAt,
    closeReason: state === 'LOST' ? 'The customer bought from another maker.' : null,
    version: 1,
    createdAt,
    updatedAt,
  }
}

const openStages = ['QUALIFICATION', 'PROPOSAL', 'NEGOTIATION'] as const

function opportunityOf(deal: DealRegistrationDocument): OpportunityDocument | null {
  const { opportunityId, estimatedValue, expectedCloseDate } = deal
  if (opportunityId === null || estimatedValue === null || expectedCloseDate === null) return null
  const stage = deal.state === 'WON' ? 'WON' : (openStages[wholeBetween(`stage:${opportunityId}`, 0, 2)] ?? 'PROPOSAL')
  return {
    _id: opportunityId,
    dealId: deal._id,
    organizationId: deal.organizationId,
    stage,
    amount: estimatedValue,
    closeDate: expectedCloseDate,
    lostReason: null,
    closedAt: deal.closedAt,
    searchWords: deal.searchWords,
    version: 1,
    createdAt: deal.updatedAt,
    updatedAt: deal.updatedAt,
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
