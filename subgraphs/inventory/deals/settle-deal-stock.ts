import type { ClientSession } from 'mongoose'
import type { BackgroundContext } from '../../../kit/background.ts'
import type { InventoryModels } from '../models.ts'
import { settleReservations } from '../reservations/settle-reservations.ts'
import { type DealFacts, actorOf } from './read-deal.ts'

/** Commits what is held for a deal when it is won, or gives back what is open of it when nothing comes of it. */
export async function settleDealStock(
  context: BackgroundContext<InventoryModels>,
  { deal, won }: { readonly deal: DealFacts; readonly won: boolean },
  session: ClientSession,
): Promise<void> {
  const { dealId, organizationId } = deal
  // Of this organization only: whoever reserves may name any deal, which must not let others decide about it.
  const open = await context.models.reservations.openOfDeal({ dealId, organizationId }, session)
  await settleReservations(
    context,
    open
      .filter(({ state }) => !won || state === 'HELD')
      .map((reservation) => ({ reservation, state: won ? 'COMMITTED' : 'RELEASED', actor: actorOf(deal) })),
    session,
  )
}

/** Holds a deal's stock for as long as its protection was extended. */
export async function extendDealStock(
  { models, now }: BackgroundContext<InventoryModels>,
  { dealId, organizationId, protectedUntil }: DealFacts,
  session: ClientSession,
): Promise<void> {
  if (protectedUntil === null) return
  const open = await models.reservations.openOfDeal({ dealId, organizationId }, session)
  const changes = open
    .filter(({ state, expiresAt }) => state === 'HELD' && expiresAt < protectedUntil)
    .map((before) => ({ before, fields: { expiresAt: protectedUntil, updatedAt: now() } }))
  if (!(await models.reservations.update(session, changes))) throw new Error('a reservation changed meanwhile')
}
