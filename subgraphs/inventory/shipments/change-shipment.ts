import type { ClientSession } from 'mongoose'
import { MutationRefused, refuse } from '../../../storage/mutate.ts'
import { type CommandTarget, checkTarget } from '../../../storage/command-target.ts'
import { changedInside } from '../command.ts'
import type { InventoryContext } from '../inventory-context.ts'
import { shipmentEvent } from './shipment-events.ts'
import { checkExpectedAt } from './shipment-rules.ts'
import { type ShipmentState, isOpen, shipmentStateMachine } from './shipment-state.ts'

export interface RescheduleShipmentInput extends CommandTarget {
  readonly expectedAt: Date
}

/** Says when the rest of a shipment is to arrive. */
export async function rescheduleShipment(
  { models, events, now }: InventoryContext,
  input: RescheduleShipmentInput,
  session: ClientSession,
): Promise<string> {
  const at = now()
  const wrong = checkExpectedAt(input.expectedAt, at)
  if (wrong.length > 0) throw new MutationRefused(wrong)
  const before = checkTarget('shipment', (await models.shipments.byIds([input.id], session))[0], input)
  if (!before.open) {
    throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], `The shipment is ${before.state}; nothing more of it arrives.`)
  }
  const fields = { expectedAt: input.expectedAt, updatedAt: at }
  changedInside(await models.shipments.update(session, [{ before, fields }]), before._id)
  await events.append(session, {
    type: 'shipment.rescheduled',
    subject: before._id,
    audience: [],
    data: { reference: before.reference, expectedAt: input.expectedAt.toISOString() },
  })
  return before._id
}

/** A command that brings a shipment into a state in which nothing is received. */
export function createShipmentMove(state: Extract<ShipmentState, 'IN_TRANSIT' | 'CANCELLED'>) {
  return async (
    { models, events, now }: InventoryContext,
    input: CommandTarget,
    session: ClientSession,
  ): Promise<string> => {
    const before = checkTarget('shipment', (await models.shipments.byIds([input.id], session))[0], input)
    const illegal = shipmentStateMachine.refusal(before.state, state)
    if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
    const fields = { state, open: isOpen(state), updatedAt: now() }
    changedInside(await models.shipments.update(session, [{ before, fields }]), before._id)
    await events.append(session, shipmentEvent(before, state))
    return before._id
  }
}
