import { createStateMachine } from '../../../kit/state-machine.ts'

export const shipmentStates = ['ANNOUNCED', 'IN_TRANSIT', 'PARTLY_RECEIVED', 'RECEIVED', 'CANCELLED'] as const
export type ShipmentState = (typeof shipmentStates)[number]

/** Where a shipment can go. Goods may arrive unannounced on the road; what is missing of a part can be given up. */
export const shipmentStateMachine = createStateMachine<ShipmentState>('shipment', {
  ANNOUNCED: ['IN_TRANSIT', 'PARTLY_RECEIVED', 'RECEIVED', 'CANCELLED'],
  IN_TRANSIT: ['PARTLY_RECEIVED', 'RECEIVED', 'CANCELLED'],
  PARTLY_RECEIVED: ['PARTLY_RECEIVED', 'RECEIVED', 'CANCELLED'],
  RECEIVED: [],
  CANCELLED: [],
})

/** True while more of a shipment may arrive. */
export function isOpen(state: ShipmentState): boolean {
  return shipmentStateMachine.next(state).length > 0
}
