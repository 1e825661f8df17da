import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import { createInputErrors, known, plainEmail } from '../input.ts'
import type { MemberRole } from '../members/members.ts'
import { requireRole } from '../members/require-role.ts'
import { isOpen } from '../organizations/organization-status.ts'
import type { PartnerContext } from '../partner-context.ts'
import { invitationEvent } from './invitation-events.ts'
import { type Invitation, hashInvitationToken, invitationToken } from './invitations.ts'

const dayMs = 24 * 60 * 60 * 1000
export const invitationDays = [1, 30] as const
/** Each sends a mail to an address of the inviter's choice. */
const mostInvitationsADay = 100
const mostMailsOfOne = 5

export interface InviteMemberInput {
  readonly organizationId?: string | null
  readonly email: string
  readonly role: MemberRole
  readonly days?: number | null
}

/** What a client is shown of a new token: the id under which it can be told again, and the token. */
export interface MadeToken {
  readonly id: string
  readonly token: string
}

/** Invites a person to an organization. */
export async function inviteMember(
  context: PartnerContext,
  input: InviteMemberInput,
  { session, repeatable }: { readonly session: ClientSession; readonly repeatable: boolean },
): Promise<MadeToken> {
  const { models, caller, events } = context
  await requireRole(context, session, ['ADMIN'])
  const errors = createInputErrors()
  const email = plainEmail(input.email) ?? errors.add(['email'], 'This is no e-mail address.') ?? ''
  const days = errors.whole(['days'], input.days ?? 7, invitationDays)
  errors.check()
  const organizationId = input.organizationId ?? caller.organizationId
  const found = await models.organizations.find(caller, session, organizationId)
  const organization = known(found, 'organization', 'organizationId')
  if (!isOpen(organization.status)) {
    const message = `The organization is ${organization.status}; only one that is APPLIED or APPROVED takes in members.`
    throw refuse('ORGANIZATION_NOT_ACTIVE', ['input', 'organizationId'], message)
  }
  if (await models.members.isActiveAddress(session, organizationId, email)) {
    throw refuse('ALREADY_MEMBER', ['input', 'email'], 'There is a member with this address.')
  }
  const now = context.now()
  const since = new Date(now.getTime() - dayMs)
  if ((await models.invitations.countSince(session, organizationId, since)) >= mostInvitationsADay) {
    throw refuse('TOO_MANY', null, `An organization invites at most ${mostInvitationsADay} people a day.`)
  }
  const id = createId('Invitation')
  const made = await makeToken(context, { id, version: 1 }, { session, repeatable })
  const invitation: Invitation = {
    _id: id,
    organizationId,
    email,
    role: input.role,
    status: 'PENDING',
    tokenHash: hashInvitationToken(made.token),
    memberId: null,
    createdAt: now,
    expiresAt: afterDays(now, days),
    version: 1,
  }
  await writeInvitation(() => models.invitations.insert(session, invitation))
  await events.append(session, invitationEvent('created', invitation))
  await mailInvitation(context, { invitation, days }, session)
  return made
}

/** Puts the mail with its link into the queue; the link is another than the token, which only the inviter is shown. */
export async function mailInvitation(
  { models, caller, now }: PartnerContext,
  { invitation, days }: { readonly invitation: Invitation; readonly days: number },
  session: ClientSession,
): Promise<void> {
  const { _id, organizationId, email: to, role, version } = invitation
  if (version > mostMailsOfOne) return
  const organization = known(await models.organizations.find(caller, session, organizationId), 'organization')
  const facts = { organizationName: organization.name, role, days }
  const link = ['invitation', `${_id}:${version}`] as const
  await models.mails.add(session, { kind: 'invitation', to, facts, link }, now())
}

/** A token belongs to a version of its invitation, so that a repeated key tells the one that it made. */
export async function makeToken(
  { models, now }: PartnerContext,
  { id, version }: { readonly id: string; readonly version: number },
  { session, repeatable }: { readonly session: ClientSession; readonly repeatable: boolean },
): Promise<MadeToken> {
  const tokenId = `${id}:${version}`
  const bytes = await models.oneTimeSecrets.make(session, tokenId, { repeatable, now: now() })
  return { id: tokenId, token: invitationToken(bytes) }
}

/** Writes a pending invitation, of which a person can have one only. */
export async function writeInvitation<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write()
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    const message = 'This person has an invitation that is pending; resend or revoke that.'
    throw refuse('INVITATION_PENDING', ['input', 'email'], message)
  }
}

/** The moment so many days later. */
export function afterDays(moment: Date, days: number): Date {
  return new Date(moment.getTime() + days * dayMs)
}
