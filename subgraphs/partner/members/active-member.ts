import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { checkVersion, known } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { Member } from './members.ts'
import { requireRole } from './require-role.ts'

/** A member to change. */
export interface MemberInput {
  readonly id: string
  readonly expectedVersion?: number | null
}

/** The member whom the caller may change, or a refusal. */
export async function activeMember(
  context: PartnerContext,
  input: MemberInput,
  session: ClientSession,
): Promise<Member> {
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
export async function keepAnAdmin({ models }: PartnerContext, session: ClientSession, { organizationId }: Member) {
  if ((await models.members.countAdmins(session, organizationId)) > 1) return
  const message = 'This is the last administrator of the organization; make another member one before.'
  throw refuse('LAST_ADMIN', ['input', 'id'], message)
}
