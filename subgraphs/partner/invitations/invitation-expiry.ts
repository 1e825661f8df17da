import type { Timer } from '../../../kit/background.ts'
import { expireDue } from '../expire-due.ts'
import type { PartnerModels } from '../models.ts'
import { invitationEvent } from './invitation-events.ts'

/** Ends invitations whose time is over. */
export const invitationExpiry: Timer<PartnerModels> = {
  name: 'invitation-expiry',
  run: (context) =>
    expireDue(context, {
      model: context.models.invitations.model,
      due: { status: 'PENDING', expiresAt: { $lte: context.now() } },
      changes: { status: 'EXPIRED' },
      events: (invitation) => [invitationEvent('expired', invitation)],
    }),
}
