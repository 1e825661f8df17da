import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { identitiesOf } from '../customers/conflict-key.ts'
import type { DealCustomer } from '../customers/customer.ts'
import type { DealModels } from '../models.ts'
import type { ReservationKind } from './reserved-customers.ts'

const refusals: Readonly<Record<ReservationKind, readonly [code: string, message: string]>> = {
  DIRECT_OPPORTUNITY: [
    'ACTIVE_DIRECT_OPPORTUNITY',
    'The platform company is in talks with this customer itself; ask your partner manager about a common approach.',
  ],
  NAMED_ACCOUNT: ['NAMED_ACCOUNT', 'The platform company serves this customer itself; it cannot be registered.'],
}

/** Refuses a customer that the platform company keeps for itself. */
export async function checkReserved(
  { reservedCustomers }: DealModels,
  session: ClientSession,
  deal: { readonly customer: DealCustomer; readonly family: string },
): Promise<void> {
  const entry = await reservedCustomers.about(session, identitiesOf(deal.customer), deal.family)
  if (!entry) return
  const [code, message] = refusals[entry.kind]
  throw refuse(code, ['input', 'customer'], message)
}
