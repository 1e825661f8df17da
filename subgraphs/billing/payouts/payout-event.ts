import type { NewEvent } from '../../../kit/events.ts'
import type { Payout } from './payout.ts'

/** The event of a payout that was created, paid, or failed. */
export function payoutEvent({ _id, organizationId, status, amount }: Payout): NewEvent {
  return {
    type: `payout.${status.toLowerCase()}`,
    subject: _id,
    audience: [organizationId],
    data: { organizationId, amountMinorUnits: amount.minorUnits, currencyCode: amount.currencyCode },
  }
}
