import type { ClientSession } from 'mongoose'
import { checkTransition, checkVersion, known } from '../input.ts'
import { requireRole } from '../members/require-role.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type Invitation, type InvitationStatus, invitationStateMachine } from './invitations.ts'

/** An invitation to change. */
export interface InvitationToChange {
  readonly id: string
  readonly expectedVersion?: number | null
}

/** The invitation that is to come into a state, or a refusal. */
export async function changeableInvitation(
  context: PartnerContext,
  input: InvitationToChange,
  { session, to }: { readonly session: ClientSession; readonly to: InvitationStatus },
): Promise<Invitation> {
  await requireRole(context, session, ['ADMIN'])
  const invitation = known(await context.models.invitations.find(context.caller, session, input.id), 'invitation')
  checkVersion(invitation, input.expectedVersion)
  checkTransition(invitationStateMachine.refusal(invitation.status, to), ['id'])
  return invitation
}
