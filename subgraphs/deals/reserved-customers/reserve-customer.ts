import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { searchWords } from '../../../storage/search.ts'
import { requireOperator } from '../../../storage/command-target.ts'
import { type CustomerInput, checkCustomer } from '../customers/check-customer.ts'
import { identitiesOf } from '../customers/conflict-key.ts'
import type { DealContext } from '../deal-context.ts'
import { checkText, createInputErrors } from '../input-errors.ts'
import type { ReservationKind } from './reserved-customers.ts'

export interface ReserveCustomerInput {
  readonly kind: ReservationKind
  readonly customer: CustomerInput
  readonly family?: string | null
  readonly note?: string | null
}

/** Keeps a customer for the platform company; registrations that there are already go on. */
export async function reserveCustomer(
  context: DealContext,
  input: ReserveCustomerInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(context, 'keeps customers for itself')
  const errors = createInputErrors()
  const customer = checkCustomer(input.customer, errors)
  const family = checkText(input.family, { field: 'family', longest: 100 }, errors)
  const note = checkText(input.note, { field: 'note', longest: 2_000 }, errors)
  if (family !== null && (await context.models.terms.programOf(session, family)) === null) {
    errors.add(['family'], 'There is no product family of this name in which deals are registered.')
  }
  errors.check()
  const at = context.now()
  const entry = {
    _id: createId('ReservedCustomer'),
    kind: input.kind,
    customer,
    identities: identitiesOf(customer),
    family,
    note,
    active: true,
    searchWords: searchWords(customer.name, customer.domain, customer.taxId),
    version: 1,
    createdAt: at,
    updatedAt: at,
  }
  await context.models.reservedCustomers.insert([entry], session)
  const audience = [context.caller.organizationId]
  const data = { kind: input.kind, family }
  await context.events.append(session, { type: 'customer.reserved', subject: entry._id, audience, data })
  return entry._id
}
