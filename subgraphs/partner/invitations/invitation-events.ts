import type { NewEvent } from '../../../kit/events.ts'
import type { Invitation } from './invitations.ts'

type Change = 'created' | 'resent' | 'accepted' | 'revoked' | 'expired'

/** An event about an invitation; neither the address nor the token is told. */
export function invitationEvent(change: Change, { _id, organizationId, role, memberId }: Invitation): NewEvent {
  return {
    type: `invitation.${change}`,
    subject: _id,
    audience: [organizationId],
    data: { organizationId, role, memberId },
  }
}
