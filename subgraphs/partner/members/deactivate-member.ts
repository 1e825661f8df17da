import type { ClientSession } from 'mongoose'
import type { PartnerContext } from '../partner-context.ts'
import { type MemberInput, activeMember, keepAnAdmin } from './active-member.ts'
import { memberEvent } from './member-events.ts'

/** Takes a member off the organization, unless nobody would manage it then. */
export async function deactivateMember(context: PartnerContext, input: MemberInput, session: ClientSession) {
  const { models, events } = context
  const member = await activeMember(context, input, session)
  await models.organizations.touch(session, member.organizationId)
  if (member.role === 'ADMIN') await keepAnAdmin(context, session, member)
  const changed = await models.members.change(session, member, { status: 'DEACTIVATED' })
  await models.standings.evaluateSoon(session, [member.organizationId], context.now())
  await events.append(session, memberEvent('deactivated', changed))
  return member._id
}
