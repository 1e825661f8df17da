import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import type { UserError } from '../../../storage/mutate.ts'
import { type OpenAllocations, openAllocations } from '../allocations/open-allocations.ts'
import { levelId } from '../levels/level-model.ts'
import { createLineErrors } from '../levels/line-errors.ts'
import { type Actor, type OpenStock, type StockContext, openStock } from '../stock/open-stock.ts'
import { choosePlace } from './choose-place.ts'
import { reservationEvent } from './reservation-events.ts'
import { type ReservationDocument, reservationId } from './reservation-model.ts'
import { reasonOf } from './reservation-state.ts'

/** Units that are asked for; when no warehouse is named, at any one of them or, if it may be split, at several. */
export interface OrderLine {
  readonly skuId: string
  readonly locationId: string | null
  readonly quantity: number
  readonly maySplit?: boolean
}

/** What one organization wants held, all of it or nothing. */
export interface ReservationOrder {
  readonly organizationId: string
  readonly actor: Actor
  readonly lines: readonly OrderLine[]
  readonly dealId: string | null
  readonly reference: string | null
  readonly expiresAt: Date
}

/** An order that is held, or why it was refused. */
export type OrderOutcome =
  | { readonly id: string; readonly reservations: readonly ReservationDocument[] }
  | { readonly userErrors: readonly UserError[] }

/**
 * Holds stock for orders, each all or nothing, one after the other as if each had a transaction of its own. The number
 * of commands does not depend on how many orders and lines there are.
 */
export async function reserveOrders(
  context: StockContext,
  orders: readonly ReservationOrder[],
  session: ClientSession,
): Promise<OrderOutcome[]> {
  const lines = orders.flatMap((order) => order.lines)
  const { models, events } = context
  const skuIds = [...new Set(lines.map(({ skuId }) => skuId))]
  const allocations = await openAllocations(models, session, { skuIds, at: context.now() })
  // All levels of a SKU are needed where one of them is to be chosen, or where something of it is allocated.
  const whole = new Set([
    ...allocations.skuIds,
    ...lines.flatMap(({ skuId, locationId }) => (locationId === null ? skuId : [])),
  ])
  const stock = await openStock(context, session, {
    skuIds: [...whole],
    levelIds: lines.flatMap(({ skuId, locationId }) =>
      locationId === null || whole.has(skuId) ? [] : levelId(skuId, locationId),
    ),
  })
  const held: ReservationDocument[] = []
  const outcomes = orders.map((order): OrderOutcome => {
    const outcome = holdOrder(order, stock, allocations)
    if ('id' in outcome) held.push(...outcome.reservations)
    return outcome
  })
  if (held.length === 0) return outcomes
  await stock.write()
  await allocations.write()
  await models.reservations.insert(held, session)
  await events.append(session, ...held.map((reservation) => reservationEvent(reservation, 'HELD')))
  return outcomes
}

/** Holds an order's lines in the opened stock, or takes all of it back and answers why. */
function holdOrder(order: ReservationOrder, stock: OpenStock, allocations: OpenAllocations): OrderOutcome {
  const id = createId('InventoryBatch')
  const errors = createLineErrors('lines')
  const mark = stock.mark()
  const reservations: ReservationDocument[] = []
  for (const [index, line] of order.lines.entries()) {
    for (let left = line.quantity; left > 0;) {
      const place = choosePlace(order.organizationId, { ...line, quantity: left }, stock, allocations)
      if ('code' in place) {
        errors.add(index, place)
        break
      }
      const { level, quantity } = place
      const reservation = reservationOf(order, {
        id: reservationId(id, reservations.length),
        level,
        quantity,
        at: stock.at,
      })
      const broken = stock.change(
        level._id,
        { available: -quantity, reserved: quantity },
        { reason: reasonOf.HELD, actor: order.actor, subject: reservation._id, reference: order.reference },
      )
      if (broken) throw new Error(`${level._id} does not have the units that it was chosen for`)
      const allocationId = allocations.draw(order.organizationId, level, quantity)
      reservations.push({ ...reservation, allocationId })
      left -= quantity
    }
  }
  if (errors.errors.length === 0) return { id, reservations }
  stock.rollBack(mark)
  for (const { allocationId, quantity } of reservations) {
    if (allocationId !== null) allocations.undraw(allocationId, quantity)
  }
  return { userErrors: errors.errors }
}

function reservationOf(
  { organizationId, dealId, reference, expiresAt }: ReservationOrder,
  made: {
    readonly id: string
    readonly level: { readonly _id: string; readonly skuId: string; readonly locationId: string }
    readonly quantity: number
    readonly at: Date
  },
): ReservationDocument {
  const { id, level, quantity, at } = made
  return {
    _id: id,
    organizationId,
    skuId: level.skuId,
    locationId: level.locationId,
    levelId: level._id,
    quantity,
    state: 'HELD',
    dealId,
    allocationId: null,
    reference,
    expiresAt,
    version: 1,
    createdAt: at,
    updatedAt: at,
  }
}
