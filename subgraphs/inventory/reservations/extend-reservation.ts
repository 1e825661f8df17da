import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { type CommandTarget, checkTarget } from '../../../storage/command-target.ts'
import { changedInside } from '../command.ts'
import type { InventoryContext } from '../inventory-context.ts'
import { checkTimeToLive, endOf } from './time-to-live.ts'

export interface ExtendReservationInput extends CommandTarget {
  readonly ttlMinutes: number
}

/** Gives a held reservation a new end, counted from now. */
export async function extendReservation(
  { models, caller, events, now }: InventoryContext,
  input: ExtendReservationInput,
  session: ClientSession,
): Promise<string> {
  const refusal = checkTimeToLive(caller, input.ttlMinutes)
  if (refusal) throw refuse(refusal.code, ['input', refusal.field], refusal.message)
  const [found] = await models.reservations.byIds(caller, [input.id], session)
  const reservation = checkTarget('reservation', found, input)
  const at = now()
  if (reservation.state !== 'HELD' || reservation.expiresAt <= at) {
    const message = `The reservation is ${reservation.state === 'HELD' ? 'at its end' : reservation.state}; only what is HELD can be held longer.`
    throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], message)
  }
  const expiresAt = endOf(at, input.ttlMinutes)
  const fields = { expiresAt, updatedAt: at }
  changedInside(await models.reservations.update(session, [{ before: reservation, fields }]), reservation._id)
  await events.append(session, {
    type: 'reservation.extended',
    subject: reservation._id,
    audience: [reservation.organizationId],
    data: { organizationId: reservation.organizationId, expiresAt: expiresAt.toISOString() },
  })
  return reservation._id
}
