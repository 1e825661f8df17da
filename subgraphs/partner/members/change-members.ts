import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { searchWords } from '../../../storage/search.ts'
import { checkExtraFields } from '../extra-fields/check-extra-fields.ts'
import type { ExtraFieldInput } from '../extra-fields/value-rules.ts'
import { checkVersion, createInputErrors, known } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { Member, MemberRole } from './members.ts'
import { requireRole } from './require-role.ts'

interface MemberInput {
  readonly id: string
  readonly expectedVersion?: number | null
}

export interface UpdateMemberInput extends MemberInput {
  readonly name?: string | null
  readonly extraFields?: readonly ExtraFieldInput[] | null
}

export interface ChangeMemberRoleInput extends MemberInput {
  readonly role: MemberRole
}

export type DeactivateMemberInput = MemberInput

/** Changes a member's name or extra fields. */
export async function updateMember(context: PartnerContext, input: UpdateMemberInput, session: ClientSession) {
  const { models } = context
  const member = await activeMember(context, input, session)
  const errors = createInputErrors()
  const name = input.name == null ? member.name : errors.text(['name'], input.name, 200)
  const extraFields = await checkExtraFields(context, session, {
    target: 'MEMBER',
    stored: member.extraFields,
    given: input.extraFields,
    errors,
  })
  errors.check()
  const words = searchWords(name, member.email)
  const changed = await models.members.change(session, member, { name, extraFields, words })
  await note(context, session, 'member.changed', changed)
  return member._id
}

/** Gives a member another role, unless nobody would manage the organization then. */
export async function changeMemberRole(context: PartnerContext, input: ChangeMemberRoleInput, session: ClientSession) {
  const { models } = context
  const member = await activeMember(context, input, session)
  if (member.role === input.role) return member._id
  await models.organizations.touch(session, member.organizationId)
  if (member.role === 'ADMIN') await keepAnAdmin(context, session, member)
  const changed = await models.members.change(session, member, { role: input.role })
  await note(context, session, 'member.role_changed', changed)
  return member._id
}

/** Takes a member off the organization, unless nobody would manage it then. */
export async function deactivateMember(context: PartnerContext, input: DeactivateMemberInput, session: ClientSession) {
  const { models } = context
  const member = await activeMember(context, input, session)
  await models.organizations.touch(session, member.organizationId)
  if (member.role === 'ADMIN') await keepAnAdmin(context, session, member)
  const changed = await models.members.change(session, member, { status: 'DEACTIVATED' })
  await models.standings.evaluateSoon(session, [member.organizationId], context.now())
  await note(context, session, 'member.deactivated', changed)
  return member._id
}

async function activeMember(context: PartnerContext, input: MemberInput, session: ClientSession): Promise<Member> {
  await requireRole(context, session, ['ADMIN'])
  const member = known(await context.models.members.find(context.caller, session, input.id), 'member')
  checkVersion(member, input.expectedVersion)
  if (member.status !== 'ACTIVE') {
    const message = 'The member is DEACTIVATED, which is final; invite the person again.'
    throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], message)
  }
  return member
}

/**
 * Of two administrators who leave at once each would count the other. Their transactions have both touched the
 * organization before, so that one of them conflicts, runs again and counts anew.
 */
async function keepAnAdmin({ models }: PartnerContext, session: ClientSession, { organizationId }: Member) {
  if ((await models.members.countAdmins(session, organizationId)) > 1) return
  const message = 'This is the last administrator of the organization; make another member one before.'
  throw refuse('LAST_ADMIN', ['input', 'id'], message)
}

function note({ events }: PartnerContext, session: ClientSession, type: string, member: Member): Promise<void> {
  const { _id, organizationId, role, status } = member
  return events.append(session, {
    type,
    subject: _id,
    audience: [organizationId],
    data: { organizationId, role, status },
  })
}
