import type { NewEvent } from '../../../kit/events.ts'
import type { AppCredential } from './credentials.ts'

/** An event about a key of an app. */
export function credentialEvent(change: 'created' | 'revoked' | 'expired', credential: AppCredential): NewEvent {
  const { _id, organizationId, appId } = credential
  return {
    type: `app_credential.${change}`,
    subject: _id,
    audience: [organizationId],
    data: { organizationId, appId },
  }
}
