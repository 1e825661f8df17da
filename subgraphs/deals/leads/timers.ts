import type { Timer } from '../../../kit/background.ts'
import type { DealModels } from '../models.ts'
import { passLeadOn } from './change-lead.ts'

const batchSize = 100

/** Passes leads on that were not accepted in time, each in a transaction that finds it due no more the second time. */
export const leadTimers: readonly Timer<DealModels>[] = [
  {
    name: 'lead-acceptance',
    async run(context) {
      const now = context.now()
      const ids = await context.models.leads.due(now, batchSize)
      for (const id of ids) {
        await context.connection.transaction(async (session) => {
          const lead = await context.models.leads.stillDue(session, id, now)
          if (lead) await passLeadOn(context, session, { lead, reason: 'TIMED_OUT', comment: null })
        })
      }
      return ids.length
    },
  },
]
