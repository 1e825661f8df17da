import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { checkTransition, checkVersion, createInputErrors, known } from '../input.ts'
import { requireRole } from '../members/require-role.ts'
import type { PartnerContext } from '../partner-context.ts'
import { invitationEvent } from './invitation-events.ts'
import { type Invitation, type InvitationStatus, hashInvitationToken, invitationStateMachine } from './invitations.ts'
import { type MadeToken, afterDays, invitationDays, makeToken, writeInvitation } from './invite-member.ts'

export interface RevokeInvitationInput {
  readonly id: string
  readonly expectedVersion?: number | null
}

export interface ResendInvitationInput extends RevokeInvitationInput {
  readonly days?: number | null
}

/** Makes a new token; the former one no longer works. */
export async function resendInvitation(
  context: PartnerContext,
  input: ResendInvitationInput,
  { session, repeatable }: { readonly session: ClientSession; readonly repeatable: boolean },
): Promise<MadeToken> {
  const { models, events } = context
  const errors = createInputErrors()
  const days = errors.whole(['days'], input.days ?? 7, invitationDays)
  errors.check()
  const invitation = await changeable(context, input, { session, to: 'PENDING' })
  if (await models.members.isActiveAddress(session, invitation.organizationId, invitation.email)) {
    throw refuse('ALREADY_MEMBER', ['input', 'id'], 'There is a member with this address.')
  }
  const made = await makeToken(
    context,
    { id: invitation._id, version: invitation.version + 1 },
    { session, repeatable },
  )
  const changed = await writeInvitation(() =>
    models.invitations.change(session, invitation, {
      status: 'PENDING',
      tokenHash: hashInvitationToken(made.token),
      expiresAt: afterDays(context.now(), days),
    }),
  )
  await events.append(session, invitationEvent('resent', changed))
  return made
}

/** Takes a pending invitation back. */
export async function revokeInvitation(context: PartnerContext, input: RevokeInvitationInput, session: ClientSession) {
  const invitation = await changeable(context, input, { session, to: 'REVOKED' })
  const changed = await context.models.invitations.change(session, invitation, { status: 'REVOKED' })
  await context.events.append(session, invitationEvent('revoked', changed))
  return invitation._id
}

async function changeable(
  context: PartnerContext,
  input: RevokeInvitationInput,
  { session, to }: { readonly session: ClientSession; readonly to: InvitationStatus },
): Promise<Invitation> {
  await requireRole(context, session, ['ADMIN'])
  const invitation = known(await context.models.invitations.find(context.caller, session, input.id), 'invitation')
  checkVersion(invitation, input.expectedVersion)
  checkTransition(invitationStateMachine.refusal(invitation.status, to), ['id'])
  return invitation
}
