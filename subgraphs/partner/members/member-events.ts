import type { NewEvent } from '../../../kit/events.ts'
import type { Member } from './members.ts'

/** An event about a member. */
export function memberEvent(change: 'joined' | 'changed' | 'role_changed' | 'deactivated', member: Member): NewEvent {
  const { _id, organizationId, role, status } = member
  return {
    type: `member.${change}`,
    subject: _id,
    audience: [organizationId],
    data: { organizationId, role, status },
  }
}
