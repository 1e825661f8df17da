import type { ClientSession } from 'mongoose'
import { isIdOf } from '../../../kit/ids.ts'
import { refuse } from '../../../storage/mutate.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { MemberRole } from './members.ts'

/**
 * Refuses what the person for whom the app acts may not do. An app that acts for itself, or for a person who is no
 * member, is bounded by its scopes alone.
 */
export async function requireRole(
  { models, caller }: Pick<PartnerContext, 'models' | 'caller'>,
  session: ClientSession,
  roles: readonly MemberRole[],
): Promise<void> {
  const { endUserId } = caller
  if (endUserId === undefined || !isIdOf('Member', endUserId)) return
  const member = await models.members.find(caller, session, endUserId)
  if (member?.status === 'ACTIVE' && roles.includes(member.role)) return
  throw refuse('ROLE_REQUIRED', null, `Only a member with the role ${roles.join(' or ')} may do this.`)
}
