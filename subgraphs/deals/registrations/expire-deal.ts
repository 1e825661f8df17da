import type { ClientSession } from 'mongoose'
import type { DealRegistrationDocument } from './deal-document.ts'
import { dealNotice } from './events.ts'
import { type DealWork, changeDeal, moveDeal } from './move-deal.ts'

/**
 * Ends the exclusivity of a registration whose time is over. One that has become an opportunity goes on without it:
 * the partner may still win, but others may register the customer too.
 */
export async function expireDeal(
  work: DealWork,
  session: ClientSession,
  deal: DealRegistrationDocument,
): Promise<void> {
  if (deal.state !== 'CONVERTED') {
    await moveDeal(work, session, { deal, to: 'EXPIRED' })
    return
  }
  const changes = { exclusive: false, heldUntil: null, protectionNoticeAt: null }
  const released = await changeDeal(work, session, deal, changes)
  await work.events.append(session, dealNotice('deal.protection_ended', released))
}

/** A protection that is over must keep nobody out, even when no timer has come by to end it. */
export async function expireLapsed(work: DealWork, session: ClientSession, conflictKey: string): Promise<void> {
  const lapsed = await work.models.deals.lapsed(session, conflictKey, work.now())
  if (lapsed) await expireDeal(work, session, lapsed)
}
