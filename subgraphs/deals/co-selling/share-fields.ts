import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { changeEngagement, readEngagement } from './change-engagement.ts'
import { type SharedField, sharedFields } from './engagement-document.ts'

export interface ShareCoSellInput extends CommandTarget {
  readonly shared: readonly SharedField[]
}

/** Sets which parts of the deal its owner shares with the guest, from now on. */
export async function shareCoSell(
  context: DealContext,
  input: ShareCoSellInput,
  session: ClientSession,
): Promise<string> {
  const engagement = await readEngagement(context, input, session)
  if (context.caller.organizationId !== engagement.ownerId) {
    throw refuse('NOT_THE_OWNER', ['input', 'id'], 'Only the owner of the deal says what is shared of it.')
  }
  if (!engagement.open) {
    const message = `The engagement is ${engagement.state}; only in INVITED and ACTIVE ones something is shared.`
    throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], message)
  }
  const shared = orderedShares(input.shared)
  await changeEngagement(context, session, { engagement, type: 'co_sell.shared', changes: { shared } })
  return engagement._id
}

/** Each part once, in the order of the schema. */
export function orderedShares(given: readonly SharedField[] | null | undefined): SharedField[] {
  return sharedFields.filter((field) => given?.includes(field))
}
