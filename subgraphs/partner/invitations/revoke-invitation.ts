import type { ClientSession } from 'mongoose'
import type { PartnerContext } from '../partner-context.ts'
import { type InvitationToChange, changeableInvitation } from './changeable-invitation.ts'
import { invitationEvent } from './invitation-events.ts'

/** Takes a pending invitation back. */
export async function revokeInvitation(context: PartnerContext, input: InvitationToChange, session: ClientSession) {
  const invitation = await changeableInvitation(context, input, { session, to: 'REVOKED' })
  const changed = await context.models.invitations.change(session, invitation, { status: 'REVOKED' })
  await context.events.append(session, invitationEvent('revoked', changed))
  return invitation._id
}
