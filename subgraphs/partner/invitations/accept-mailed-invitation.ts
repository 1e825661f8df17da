import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { known } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { acceptPending } from './accept-invitation.ts'

export interface AcceptMailedInvitationInput {
  readonly id: string
  /** The version of the invitation that the mail was about: one that was sent again has another. */
  readonly version: number
  readonly name: string
}

/** Accepts an invitation for whoever holds the link of its mail; answers the member. */
export async function acceptMailedInvitation(
  context: PartnerContext,
  { id, version, name }: AcceptMailedInvitationInput,
  session: ClientSession,
): Promise<string> {
  const invitation = known(await context.models.invitations.find(context.caller, session, id), 'invitation')
  if (invitation.status === 'PENDING' && invitation.version !== version) {
    throw refuse('INVITATION_EXPIRED', ['input', 'id'], 'There is a newer mail with another link; use that.')
  }
  return acceptPending(context, { invitation, name, field: 'id' }, session)
}
