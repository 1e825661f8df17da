import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { createInputErrors } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type InvitationToChange, changeableInvitation } from './changeable-invitation.ts'
import { invitationEvent } from './invitation-events.ts'
import { hashInvitationToken } from './invitations.ts'
import {
  type MadeToken,
  afterDays,
  invitationDays,
  mailInvitation,
  makeToken,
  writeInvitation,
} from './invite-member.ts'

export interface ResendInvitationInput extends InvitationToChange {
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
  const invitation = await changeableInvitation(context, input, { session, to: 'PENDING' })
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
  await mailInvitation(context, { invitation: changed, days }, session)
  return made
}
