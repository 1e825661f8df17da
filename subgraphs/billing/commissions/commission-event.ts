import type { NewEvent } from '../../../kit/events.ts'
import type { Commission } from './commission.ts'

/** The event of a commission that was accrued, approved, paid or reversed. */
export function commissionEvent({ _id, organizationId, dealId, status, amount }: Commission): NewEvent {
  return {
    type: `commission.${status.toLowerCase()}`,
    subject: _id,
    audience: [organizationId],
    data: { organizationId, dealId, amountMinorUnits: amount.minorUnits, currencyCode: amount.currencyCode },
  }
}
