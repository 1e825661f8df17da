import type { EventValue, NewEvent } from '../../../kit/events.ts'
import type { LeadDocument } from './lead-document.ts'

/** An event about a lead, for one organization; it says nothing of what is masked. */
export function leadEvent(
  type: string,
  lead: Pick<LeadDocument, '_id' | 'state' | 'family'>,
  to: { readonly organizationId: string; readonly more?: Readonly<Record<string, EventValue>> },
): NewEvent {
  const { organizationId, more } = to
  const data = { organizationId, state: lead.state, family: lead.family, ...more }
  return { type, subject: lead._id, audience: [organizationId], data }
}
