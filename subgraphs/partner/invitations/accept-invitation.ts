import type { ClientSession } from 'mongoose'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import { checkExtraFields } from '../extra-fields/check-extra-fields.ts'
import type { ExtraFieldInput } from '../extra-fields/value-rules.ts'
import { checkTransition, createInputErrors } from '../input.ts'
import { memberEvent } from '../members/member-events.ts'
import { newMember } from '../members/new-member.ts'
import { isOpen } from '../organizations/organization-status.ts'
import type { PartnerContext } from '../partner-context.ts'
import { invitationEvent } from './invitation-events.ts'
import { type Invitation, invitationStateMachine } from './invitations.ts'

export interface AcceptInvitationInput {
  readonly token: string
  readonly name: string
  readonly extraFields?: readonly ExtraFieldInput[] | null
}

/** Makes a member of whoever holds the token; answers the member. */
export async function acceptInvitation(context: PartnerContext, input: AcceptInvitationInput, session: ClientSession) {
  const { models, caller } = context
  const invitation = await models.invitations.findByToken(caller, session, input.token)
  if (invitation === null) throw refuse('NOT_FOUND', ['input', 'token'], 'There is no invitation with this token.')
  return acceptPending(context, { ...input, invitation, field: 'token' }, session)
}

interface Acceptance extends Omit<AcceptInvitationInput, 'token'> {
  readonly invitation: Invitation
  /** The field of the input that has led to the invitation. */
  readonly field: string
}

/** Makes a member of whoever has proved to be the one who is invited. */
export async function acceptPending(
  context: PartnerContext,
  { invitation, field, ...input }: Acceptance,
  session: ClientSession,
): Promise<string> {
  const { models, caller, events } = context
  checkTransition(invitationStateMachine.refusal(invitation.status, 'ACCEPTED'), [field])
  const now = context.now()
  // The timer may not have come by yet.
  if (invitation.expiresAt <= now) {
    throw refuse('INVITATION_EXPIRED', ['input', field], 'The invitation is too old; ask for a new one.')
  }
  const { organizationId, email, role } = invitation
  const organization = await models.organizations.find(caller, session, organizationId)
  if (organization === null || !isOpen(organization.status)) {
    throw refuse('ORGANIZATION_NOT_ACTIVE', ['input', field], 'The organization takes in no members now.')
  }
  const errors = createInputErrors()
  const name = errors.text(['name'], input.name, 200)
  const given = { target: 'MEMBER', stored: [], given: input.extraFields, errors } as const
  const extraFields = await checkExtraFields(context, session, given)
  errors.check()
  const member = newMember({ organizationId, name, email, role, extraFields, now })
  await models.organizations.touch(session, organizationId)
  try {
    await models.members.insert(session, member)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw refuse('ALREADY_MEMBER', ['input', field], 'There is a member with this address.')
  }
  const accepted = await models.invitations.change(session, invitation, { status: 'ACCEPTED', memberId: member._id })
  await events.append(session, invitationEvent('accepted', accepted), memberEvent('joined', member))
  return member._id
}
