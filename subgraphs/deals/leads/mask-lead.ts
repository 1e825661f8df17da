import type { Caller } from '../../../kit/caller.ts'
import type { LeadDocument } from './lead-document.ts'
import type { LeadState } from './lead-state.ts'

/** A lead as one caller may see it. */
export type LeadView = Omit<LeadDocument, 'externalId'> & {
  readonly externalId: string | null
  /** True while customer and contact are hidden. */
  readonly masked: boolean
}

/** States in which the partner who has a lead may know who it is about. */
export const revealedStates: readonly LeadState[] = ['ACCEPTED', 'CONVERTED', 'DISQUALIFIED']

/**
 * What a caller sees of a lead: a partner learns who it is about only by accepting it, and never which other partners
 * had it or would get it.
 */
export function maskLead(caller: Caller, lead: LeadDocument): LeadView {
  if (caller.operator) return { ...lead, masked: false }
  const own = { ...lead, externalId: null, candidates: [], passedOn: null, searchWords: [] }
  // Disqualified without having been accepted, it stays as hidden as it was.
  if (lead.acceptedAt !== null && revealedStates.includes(lead.state)) return { ...own, masked: false }
  return {
    ...own,
    customer: { name: maskName(lead.customer.name), domain: null, taxId: null, country: lead.customer.country },
    contact: {
      name: maskName(lead.contact.name),
      email: lead.contact.email && hidden,
      phone: lead.contact.phone && hidden,
    },
    masked: true,
  }
}

const hidden = '***'

/** The first letter alone; not even the length is told. */
function maskName(name: string): string {
  return `${Array.from(name)[0] ?? ''}${hidden}`
}
