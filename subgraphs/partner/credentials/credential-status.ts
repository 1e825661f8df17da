import { createStateMachine } from '../../../kit/state-machine.ts'
import type { AppCredential } from './credentials.ts'

export type CredentialStatus = 'ACTIVE' | 'EXPIRED' | 'REVOKED'

/** Every transition there is; that of time is not a write. */
export const credentialStateMachine = createStateMachine<CredentialStatus>('credential', {
  ACTIVE: ['EXPIRED', 'REVOKED'],
  EXPIRED: [],
  REVOKED: [],
})

type Lifetime = Pick<AppCredential, 'expiresAt' | 'revokedAt'>

/** Whether a key works at a moment; a revoked key stays revoked after its time is over. */
export function credentialStatus(credential: Lifetime, now: Date): CredentialStatus {
  if (credential.revokedAt !== null) return 'REVOKED'
  return credential.expiresAt !== null && credential.expiresAt <= now ? 'EXPIRED' : 'ACTIVE'
}

/** The beginning of the hour: times of last use are kept no more exactly, so that a busy key costs one write an hour. */
export function startOfHour(moment: Date): Date {
  const hour = new Date(moment)
  hour.setUTCMinutes(0, 0, 0)
  return hour
}
