import type { Timer } from '../../../kit/background.ts'
import { expireDue } from '../expire-due.ts'
import type { PartnerModels } from '../models.ts'
import { consentEvent } from './consent-change.ts'

/** Ends consents whose time is over. */
export const consentExpiry: Timer<PartnerModels> = {
  name: 'consent-expiry',
  async run(context) {
    const declared = await context.models.declaredScopes.all()
    return expireDue(context, {
      model: context.models.consents.model,
      due: { status: 'ACTIVE', expiresAt: { $lte: context.now() } },
      changes: { status: 'EXPIRED' },
      events: (consent) => [consentEvent('expired', consent, declared)],
    })
  },
}
