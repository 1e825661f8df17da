import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { type CommandTarget, checkTarget, requireOperator } from '../../../storage/command-target.ts'
import { changedInside } from '../command.ts'
import type { DealContext } from '../deal-context.ts'

/** Takes a customer off its list, so that partners can register it. */
export async function releaseCustomer(
  context: DealContext,
  input: CommandTarget,
  session: ClientSession,
): Promise<string> {
  requireOperator(context, 'keeps customers for itself')
  const { reservedCustomers } = context.models
  const entry = checkTarget('reserved customer', await reservedCustomers.byId(session, input.id), input)
  if (!entry.active) throw refuse('ALREADY_RELEASED', ['input', 'id'], 'This customer was released before.')
  const changes = { active: false, updatedAt: context.now() }
  changedInside(await reservedCustomers.change(session, entry, changes), entry._id)
  const audience = [context.caller.organizationId]
  const data = { kind: entry.kind, family: entry.family }
  await context.events.append(session, { type: 'customer.released', subject: entry._id, audience, data })
  return entry._id
}
