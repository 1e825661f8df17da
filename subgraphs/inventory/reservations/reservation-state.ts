import { createStateMachine } from '../../../kit/state-machine.ts'
import type { ChangeReason } from '../ledger/change-reason.ts'
import type { Quantities } from '../levels/quantities.ts'

export const reservationStates = ['HELD', 'COMMITTED', 'FULFILLED', 'RELEASED', 'EXPIRED'] as const
export type ReservationState = (typeof reservationStates)[number]

/** Where a reservation can go. What was committed no longer expires: it is shipped or cancelled. */
export const reservationStateMachine = createStateMachine<ReservationState>('reservation', {
  HELD: ['COMMITTED', 'RELEASED', 'EXPIRED'],
  COMMITTED: ['FULFILLED', 'RELEASED'],
  FULFILLED: [],
  RELEASED: [],
  EXPIRED: [],
})

/** The part of a level in which a reservation's units lie; undefined when they are there no longer. */
const partOf: Readonly<Record<ReservationState, 'available' | 'reserved' | 'committed' | undefined>> = {
  HELD: 'reserved',
  COMMITTED: 'committed',
  FULFILLED: undefined,
  RELEASED: 'available',
  EXPIRED: 'available',
}

/** What a transition does to the level. */
export function changesOf(from: ReservationState, to: ReservationState, quantity: number): Partial<Quantities> {
  const [source, target] = [partOf[from], partOf[to]]
  return { ...(source ? { [source]: -quantity } : {}), ...(target ? { [target]: quantity } : {}) }
}

/** How the ledger names a transition into a state. */
export const reasonOf: Readonly<Record<ReservationState, ChangeReason>> = {
  HELD: 'RESERVATION_HELD',
  COMMITTED: 'RESERVATION_COMMITTED',
  FULFILLED: 'RESERVATION_FULFILLED',
  RELEASED: 'RESERVATION_RELEASED',
  EXPIRED: 'RESERVATION_EXPIRED',
}
