import { type DemoLead, demoLeads } from '../../demo-world/leads.ts'
import { demoOrganization } from '../../demo-world/organizations.ts'
import type { LeadDocument } from '../leads/lead-document.ts'
import { checkLeadInput, newLead } from '../leads/lead-input.ts'
import type { DealModels } from '../models.ts'

const hourMs = 60 * 60 * 1000
const acceptHours = 48

/** Writes the demo's leads, which are in every state. */
export async function seedLeads({ leads }: DealModels, now: Date): Promise<void> {
  await leads.insert(demoLeads.map((lead) => leadDocument(lead, now)))
}

function leadDocument(lead: DemoLead, now: Date): LeadDocument {
  const createdAt = new Date(now.getTime() - lead.createdHoursAgo * hourMs)
  const acceptedAt = new Date(createdAt.getTime() + hourMs)
  const content = checkLeadInput({
    externalId: `crm-${lead.slug}`,
    customer: lead.customer,
    contact: lead.contact,
    family: lead.productFamily,
    productId: lead.productId,
    note: lead.note,
  })
  return {
    ...newLead(content, { createdBy: demoOrganization('meridian').id, now: createdAt }),
    _id: lead.id,
    estimatedValue: { minorUnits: lead.valueMinorUnits, currencyCode: 'EUR' },
    state: lead.state,
    organizationId: lead.organizationId,
    acceptHours,
    acceptDueAt: lead.state === 'ASSIGNED' ? new Date(createdAt.getTime() + acceptHours * hourMs) : null,
    acceptedAt: lead.state === 'NEW' || lead.state === 'ASSIGNED' ? null : acceptedAt,
    closeReason: lead.state === 'DISQUALIFIED' ? 'The customer has no budget before next year.' : null,
    dealId: lead.deal?.id ?? null,
  }
}
