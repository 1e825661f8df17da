import type { Timer } from '../../../kit/background.ts'
import { expireDue } from '../expire-due.ts'
import type { PartnerModels } from '../models.ts'
import { certificationEvent } from './certification-change.ts'

/** Ends certifications whose time is over, and has the tiers of their organizations evaluated. */
export const certificationExpiry: Timer<PartnerModels> = {
  name: 'certification-expiry',
  run: (context) =>
    expireDue(context, {
      model: context.models.certifications.model,
      due: { status: 'ACTIVE', expiresAt: { $lte: context.now() } },
      changes: { status: 'EXPIRED' },
      events: (certification) => [certificationEvent('expired', certification)],
      also: (certifications, session) => {
        const ids = [...new Set(certifications.map(({ organizationId }) => organizationId))]
        return context.models.standings.evaluateSoon(session, ids, context.now())
      },
    }),
}
