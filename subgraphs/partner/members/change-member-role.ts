import type { ClientSession } from 'mongoose'
import type { PartnerContext } from '../partner-context.ts'
import { type MemberInput, activeMember, keepAnAdmin } from './active-member.ts'
import { memberEvent } from './member-events.ts'
import type { MemberRole } from './members.ts'

export interface ChangeMemberRoleInput extends MemberInput {
  readonly role: MemberRole
}

/** Gives a member another role, unless nobody would manage the organization then. */
export async function changeMemberRole(context: PartnerContext, input: ChangeMemberRoleInput, session: ClientSession) {
  const { models, events } = context
  const member = await activeMember(context, input, session)
  if (member.role === input.role) return member._id
  await models.organizations.touch(session, member.organizationId)
  if (member.role === 'ADMIN') await keepAnAdmin(context, session, member)
  const changed = await models.members.change(session, member, { role: input.role })
  await events.append(session, memberEvent('role_changed', changed))
  return member._id
}
