import { hkdfSync, randomBytes } from 'node:crypto'
import type { ClientSession, Connection } from 'mongoose'
import { bindModel } from '../../storage/documents.ts'

/** As long as idempotency keys are remembered. */
const keptSeconds = 7 * 24 * 60 * 60

interface SecretNonce {
  readonly _id: string
  readonly nonce: string
  readonly createdAt: Date
}

/**
 * Random bytes that a client is shown once, as a key or a token. They derive from a nonce and a secret of the
 * installation, and the nonce is kept only for a call with an idempotency key, as long as that is remembered: so the
 * same key gives the same answer, and the database alone never tells a secret.
 */
export function createOneTimeSecrets(connection: Connection, secret: () => Buffer) {
  const model = bindModel<SecretNonce>(connection, 'OneTimeSecret', {
    collection: 'partner_one_time_secrets',
    fields: { nonce: { type: String, required: true }, createdAt: { type: Date, required: true } },
    indexes: [[{ createdAt: 1 }, { expireAfterSeconds: keptSeconds }]],
  })
  const derive = (id: string, nonce: string): Uint8Array => new Uint8Array(hkdfSync('sha256', secret(), nonce, id, 64))
  return {
    model,
    /** New bytes for an id; told again by `again` where `repeatable`. */
    async make(session: ClientSession, id: string, { repeatable, now }: { repeatable: boolean; now: Date }) {
      const nonce = randomBytes(32).toString('base64url')
      if (repeatable) await model.insertMany([{ _id: id, nonce, createdAt: now }], { session })
      return derive(id, nonce)
    },
    /** The bytes that were made for an id; null when they were not to be repeated, or no longer are. */
    async again(id: string): Promise<Uint8Array | null> {
      const kept = await model.findById(id).lean<SecretNonce>()
      return kept === null ? null : derive(id, kept.nonce)
    },
  }
}
