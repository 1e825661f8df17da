import { hkdfSync } from 'node:crypto'

const purposes = [
  'gateway-signature',
  'app-key-hash',
  'one-time-secrets',
  'demo-app-keys',
  'access-token-signing',
  'cursor',
  'webhook-secrets',
  'auth-seal',
  'auth-cookies',
  'demo-login',
  'password-ticket',
] as const
export type SecretPurpose = (typeof purposes)[number]

/** Derives one 32-byte key per purpose from the installation's secret (HKDF-SHA256, RFC 5869). */
export function deriveSecret(installationSecret: string, purpose: SecretPurpose): Buffer {
  return Buffer.from(hkdfSync('sha256', installationSecret, 'tributary', purpose, 32))
}
