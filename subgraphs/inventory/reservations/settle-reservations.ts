import type { ClientSession } from 'mongoose'
import { type Actor, type StockContext, openStock } from '../stock/open-stock.ts'
import { reservationEvent } from './reservation-events.ts'
import type { ReservationDocument } from './reservation-model.ts'
import { type ReservationState, changesOf, reasonOf, reservationStateMachine } from './reservation-state.ts'

/** A reservation that is to come into another state, and by whom. */
export interface Settlement {
  readonly reservation: ReservationDocument
  readonly state: ReservationState
  readonly actor: Actor
}

/**
 * Brings reservations, as the transaction has read them, into other states with what that does to stock and
 * allocations. The states must be allowed; the number of commands does not depend on how many there are.
 */
export async function settleReservations(
  context: StockContext,
  settlements: readonly Settlement[],
  session: ClientSession,
): Promise<void> {
  if (settlements.length === 0) return
  const { models, events } = context
  const stock = await openStock(context, session, {
    levelIds: settlements.map(({ reservation }) => reservation.levelId),
  })
  const givenBack = new Map<string, number>()
  for (const { reservation, state, actor } of settlements) {
    const { _id: subject, levelId, quantity, reference, allocationId, state: before } = reservation
    const illegal = reservationStateMachine.refusal(before, state)
    if (illegal) throw new Error(illegal)
    const cause = { reason: reasonOf[state], actor, subject, reference }
    const broken = stock.change(levelId, changesOf(before, state, quantity), cause)
    if (broken) throw new Error(`${subject} cannot become ${state}: ${broken} of its level does not hold its units`)
    if (allocationId !== null && (state === 'RELEASED' || state === 'EXPIRED')) {
      givenBack.set(allocationId, (givenBack.get(allocationId) ?? 0) - quantity)
    }
  }
  await stock.write()
  const changes = settlements.map(({ reservation: before, state }) => ({
    before,
    fields: { state, updatedAt: stock.at },
  }))
  if (!(await models.reservations.update(session, changes))) {
    throw new Error('a reservation changed inside its transaction')
  }
  await models.allocations.draw(
    session,
    [...givenBack].map(([id, units]) => ({ id, units })),
    stock.at,
  )
  await events.append(session, ...settlements.map(({ reservation, state }) => reservationEvent(reservation, state)))
}
