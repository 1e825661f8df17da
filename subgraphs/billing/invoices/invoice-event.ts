import type { NewEvent } from '../../../kit/events.ts'
import type { Invoice } from './invoice.ts'

/** The event of an invoice that was issued, paid in full, or voided. */
export function invoiceEvent(
  type: 'invoice.issued' | 'invoice.paid' | 'invoice.voided',
  { _id, organizationId, number, total }: Invoice,
): NewEvent {
  return {
    type,
    subject: _id,
    audience: [organizationId],
    data: {
      organizationId,
      number: number ?? null,
      totalMinorUnits: total.minorUnits,
      currencyCode: total.currencyCode,
    },
  }
}
