import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** Keeps what this server stores unreadable to whoever reads the database alone. */
export interface Seal {
  /** AES-256-GCM; `context` names the document, so that a text cannot be moved into another. */
  seal(text: string, context: string): string
  /** Throws when the text was altered, moved, or sealed under another secret. */
  open(sealed: string, context: string): string
  /** What a secret is found by: its HMAC, since tokens and session ids must not lie in the database. */
  fingerprint(secret: string): string
}

const ivLength = 12
const tagLength = 16

/** A seal under two keys that derive from the given one. */
export function createSeal(key: Uint8Array): Seal {
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', key, '', use, 32))
  const sealing = derive('seal')
  const naming = derive('fingerprint')
  return {
    seal(text, context) {
      const iv = randomBytes(ivLength)
      const cipher = createCipheriv('aes-256-gcm', sealing, iv).setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', sealing, bytes.subarray(0, ivLength))
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(ivLength, ivLength + tagLength))
      return Buffer.concat([decipher.update(bytes.subarray(ivLength + tagLength)), decipher.final()]).toString('utf8')
    },
    fingerprint: (secret) => createHmac('sha256', naming).update(secret).digest('base64url'),
  }
}
