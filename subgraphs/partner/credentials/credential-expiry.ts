import type { Timer } from '../../../kit/background.ts'
import { expireDue } from '../expire-due.ts'
import type { PartnerModels } from '../models.ts'
import { credentialEvent } from './credential-events.ts'

/** Tells once that a key no longer works; that it does not is decided by the clock when it is presented. */
export const credentialExpiry: Timer<PartnerModels> = {
  name: 'credential-expiry',
  run: (context) =>
    expireDue(context, {
      model: context.models.credentials.model,
      due: { lapsed: false, expiresAt: { $lte: context.now() } },
      changes: { lapsed: true },
      events: (credential) => [credentialEvent('expired', credential)],
    }),
}
