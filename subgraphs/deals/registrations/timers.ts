import type { ClientSession } from 'mongoose'
import type { BackgroundContext, Timer } from '../../../kit/background.ts'
import type { DealModels } from '../models.ts'
import type { DealRegistrationDocument } from './deal-document.ts'
import { dealNotice } from './events.ts'
import { expireDeal } from './expire-deal.ts'
import { noticeAt } from './periods.ts'

type Context = BackgroundContext<DealModels>
type Handle = (context: Context, session: ClientSession, deal: DealRegistrationDocument) => Promise<void>

const batchSize = 100

/**
 * A timer over registrations by one of their times. Each is read again in a transaction of its own that changes that
 * time: of two processes that find the same registration, one conflicts, runs again, and finds nothing due any more.
 */
function dealTimer(
  name: string,
  field: 'heldUntil' | 'decisionNoticeAt' | 'protectionNoticeAt',
  handle: Handle,
): Timer<DealModels> {
  return {
    name,
    async run(context) {
      const now = context.now()
      const ids = await context.models.deals.due(field, now, batchSize)
      for (const id of ids) {
        await context.connection.transaction(async (session) => {
          const deal = await context.models.deals.stillDue(session, { id, field, now })
          if (deal) await handle(context, session, deal)
        })
      }
      return ids.length
    },
  }
}

/** Tells once that a registration was not decided within its 48 hours. */
const decisionOverdue = dealTimer('decision-overdue', 'decisionNoticeAt', async ({ models, events }, session, deal) => {
  await models.deals.note(session, deal._id, { decisionNoticeAt: null })
  await events.append(session, dealNotice('deal.decision_overdue', deal))
})

/** Tells 14 and 3 days before the end of a protection, each once. */
const protectionExpiring = dealTimer(
  'protection-expiring',
  'protectionNoticeAt',
  async ({ models, events }, session, deal) => {
    if (!deal.protectedUntil || !deal.protectionNoticeAt) throw new Error(`${deal._id} has a notice and no protection`)
    const { daysLeft, next } = noticeAt(deal.protectedUntil, deal.protectionNoticeAt)
    await models.deals.note(session, deal._id, { protectionNoticeAt: next })
    await events.append(session, dealNotice('deal.protection_expiring', deal, { daysLeft }))
  },
)

/** Frees the customers of registrations whose time is over. */
const exclusivityEnd = dealTimer('exclusivity-end', 'heldUntil', (context, session, deal) =>
  expireDeal(context, session, deal),
)

/** In this order, so that notices come before the end that they announce when a process was down for long. */
export const dealTimers: readonly Timer<DealModels>[] = [decisionOverdue, protectionExpiring, exclusivityEnd]
