import type { Reaction } from '../../../kit/background.ts'
import type { InventoryModels } from '../models.ts'
import { holdDealStock } from './hold-deal-stock.ts'
import { readDeal } from './read-deal.ts'
import { extendDealStock, settleDealStock } from './settle-deal-stock.ts'

/**
 * Follows deals with the stock that is held for them. One reaction for all of it: reactions have places of their own in
 * the log, so that a loss could overtake the approval and its stock be held for a deal that is gone.
 */
export const followDeals: Reaction<InventoryModels> = {
  name: 'deal-stock',
  types: ['deal.approved', 'deal.extended', 'deal.won', 'deal.lost', 'deal.expired', 'deal.withdrawn', 'deal.rejected'],
  async handle(context, event, session) {
    const deal = readDeal(event)
    if (!deal) return
    if (event.type === 'deal.approved') await holdDealStock(context, deal, session)
    else if (event.type === 'deal.extended') await extendDealStock(context, deal, session)
    else await settleDealStock(context, { deal, won: event.type === 'deal.won' }, session)
  },
}
