import type { Reaction } from '../../../kit/background.ts'
import type { InventoryModels } from '../models.ts'
import { settleReservations } from '../reservations/settle-reservations.ts'
import { actorOf, readDeal } from './read-deal.ts'

/** Commits what was held for a deal when it is won, and gives it back when nothing comes of it. */
export const settleDealStock: Reaction<InventoryModels> = {
  name: 'settle-deal-stock',
  types: ['deal.won', 'deal.lost', 'deal.expired', 'deal.withdrawn', 'deal.rejected'],
  async handle(context, event, session) {
    const deal = readDeal(event)
    if (!deal) return
    const { dealId, organizationId } = deal
    // Of this organization only: whoever reserves may name any deal, which must not let others decide about it.
    const open = await context.models.reservations.openOfDeal({ dealId, organizationId }, session)
    const won = event.type === 'deal.won'
    await settleReservations(
      context,
      open
        .filter(({ state }) => !won || state === 'HELD')
        .map((reservation) => ({ reservation, state: won ? 'COMMITTED' : 'RELEASED', actor: actorOf(deal) })),
      session,
    )
  },
}

/** Holds a deal's stock for as long as its protection was extended. */
export const extendDealStock: Reaction<InventoryModels> = {
  name: 'extend-deal-stock',
  types: ['deal.extended'],
  async handle({ models, now }, event, session) {
    const deal = readDeal(event)
    if (!deal?.protectedUntil) return
    const { dealId, organizationId, protectedUntil } = deal
    const open = await models.reservations.openOfDeal({ dealId, organizationId }, session)
    const changes = open
      .filter(({ state, expiresAt }) => state === 'HELD' && expiresAt < protectedUntil)
      .map((before) => ({ before, fields: { expiresAt: protectedUntil, updatedAt: now() } }))
    if (!(await models.reservations.update(session, changes))) throw new Error('a reservation changed meanwhile')
  },
}
