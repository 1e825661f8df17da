import type { ClientSession } from 'mongoose'
import type { BackgroundContext } from '../../../kit/background.ts'
import { maxQuantity } from '../levels/quantities.ts'
import type { InventoryModels } from '../models.ts'
import { type OrderOutcome, reserveOrders } from '../reservations/reserve-orders.ts'
import { type DealFacts, actorOf } from './read-deal.ts'

/** How long an approved deal without an end of protection keeps its stock: as long as deals are protected. */
const usualProtectionMs = 90 * 24 * 60 * 60 * 1000

/** Holds the stock that an approved deal asks for until its protection ends, or notes why that could not be done. */
export async function holdDealStock(
  context: BackgroundContext<InventoryModels>,
  deal: DealFacts,
  session: ClientSession,
): Promise<void> {
  if (!deal.reserveStock) return
  const { models, events } = context
  if (await models.dealStock.isDecided(deal.dealId, session)) return
  const at = context.now()
  const expiresAt = deal.protectedUntil ?? new Date(at.getTime() + usualProtectionMs)
  const { dealId, organizationId, skuId, quantity } = deal
  const units = Number.isSafeInteger(quantity) && quantity > 0 && quantity <= maxQuantity
  const [outcome] =
    skuId === null || !units || expiresAt <= at
      ? [unheld]
      : await reserveOrders(
          context,
          [
            {
              organizationId,
              actor: actorOf(deal),
              lines: [{ skuId, locationId: null, quantity, maySplit: true }],
              dealId,
              reference: null,
              expiresAt,
            },
          ],
          session,
        )
  if (!outcome) throw new Error('an order was not answered')
  const held = 'id' in outcome
  const refusal = held ? undefined : outcome.userErrors[0]
  await models.dealStock.insert(
    {
      _id: dealId,
      organizationId,
      orderId: held ? outcome.id : null,
      refusalCode: refusal?.code ?? null,
      refusalMessage: refusal?.message ?? null,
      decidedAt: at,
    },
    session,
  )
  if (held) return
  const data = { organizationId, skuId, quantity, dealId, code: refusal?.code ?? null }
  await events.append(session, { type: 'reservation.refused', subject: dealId, audience: [organizationId], data })
}

const unheld: OrderOutcome = {
  userErrors: [
    {
      code: 'NOTHING_TO_HOLD',
      field: null,
      message: 'The deal names no SKU and quantity, or its protection is over; reserve the stock yourself.',
    },
  ],
}
