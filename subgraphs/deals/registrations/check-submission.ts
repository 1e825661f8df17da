import type { ClientSession } from 'mongoose'
import { checkReserved } from '../reserved-customers/check-reserved.ts'
import { checkEntitlement, checkMinimum, fileUnder } from '../terms/check-terms.ts'
import type { DealRegistrationDocument } from './deal-document.ts'
import { checkComplete, derivedFields } from './deal-input.ts'
import { expireLapsed } from './expire-deal.ts'
import type { DealWork } from './move-deal.ts'
import { decisionMs } from './periods.ts'

/**
 * Refuses a deal that may not be submitted, and answers what changes with its submission. Whether the customer is free
 * is not looked up but left to the unique index on exclusive conflict keys: of registrations that arrive at once,
 * exactly one is stored.
 */
export async function checkSubmission(work: DealWork, session: ClientSession, deal: DealRegistrationDocument) {
  const { models, now: clock } = work
  const now = clock()
  const { productId, skuId, customer } = deal
  const { estimatedValue } = checkComplete(deal, now)
  // Anew, because product and territory may have changed since it was a draft.
  const filing = await fileUnder(models, session, { productId, skuId, country: customer.country })
  await checkEntitlement(models, session, { ...deal, ...filing })
  await checkMinimum(models, session, { family: filing.family, estimatedValue })
  await checkReserved(models, session, { customer, family: filing.family })
  const derived = derivedFields(customer, filing, deal.number)
  await expireLapsed(work, session, derived.conflictKey)
  const decisionDueAt = new Date(now.getTime() + decisionMs)
  return {
    ...derived,
    exclusive: true,
    heldUntil: null,
    submittedAt: now,
    decisionDueAt,
    decisionNoticeAt: decisionDueAt,
  } as const
}
