import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import type { SigningSecret, WebhookEndpoint } from './endpoints.ts'

/** How long the secret before is signed with as well after a rotation, unless told otherwise, and at most. */
export const overlapHours = { default: 24, most: 168 } as const
const secretBytes = 32

/** A new secret. What is stored is a nonce: the database alone never tells a secret. */
export function newSigningSecret(now: Date): SigningSecret {
  return { nonce: randomBytes(24).toString('base64url'), createdAt: now, expiresAt: null }
}

/** The secrets after a rotation: the newest takes over, the one before is signed with until its overlap is over. */
export function rotateSecrets(
  secrets: readonly SigningSecret[],
  { now, overlapMs }: { readonly now: Date; readonly overlapMs: number },
): SigningSecret[] {
  const end = new Date(now.getTime() + overlapMs)
  const former = liveSecrets(secrets, now).map((secret) => ({
    ...secret,
    expiresAt: secret.expiresAt !== null && secret.expiresAt < end ? secret.expiresAt : end,
  }))
  return [...liveSecrets(former, now), newSigningSecret(now)]
}

/** Those that are signed with at a moment. */
export function liveSecrets(secrets: readonly SigningSecret[], now: Date): SigningSecret[] {
  return secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
}

/** Secrets of endpoints, derived from a key of the installation. */
export function createWebhookSigner(key: () => Buffer) {
  const bytesOf = (endpointId: string, { nonce }: SigningSecret): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', key(), nonce, endpointId, secretBytes))
  return {
    /** The newest secret as its owner is shown it: `whsec_` and base64. */
    shown({ _id, secrets }: Pick<WebhookEndpoint, '_id' | 'secrets'>): string | null {
      const newest = secrets.at(-1)
      return newest === undefined ? null : `whsec_${Buffer.from(bytesOf(_id, newest)).toString('base64')}`
    },
    /**
     * The headers of a message after Standard Webhooks 1.0.0, one signature per live secret, newest first:
     * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
     */
    sign(
      { _id, secrets }: Pick<WebhookEndpoint, '_id' | 'secrets'>,
      message: { readonly id: string; readonly body: string; readonly now: Date },
    ): Record<string, string> {
      const timestamp = Math.floor(message.now.getTime() / 1_000)
      const signatures = liveSecrets(secrets, message.now)
        .toReversed()
        .map((secret) => {
          const mac = createHmac('sha256', bytesOf(_id, secret)).update(`${message.id}.${timestamp}.${message.body}`)
          return `v1,${mac.digest('base64')}`
        })
      return {
        'webhook-id': message.id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signatures.join(' '),
      }
    },
  }
}
