import type { Connection } from 'mongoose'
import { bindModel, prepareModels } from '../../storage/documents.ts'

/** Anything that oidc-provider keeps: sessions, codes, refresh tokens, grants. Found by fingerprint, sealed. */
export interface AuthRecord {
  /** The kind and the fingerprint of its id. */
  readonly _id: string
  readonly kind: string
  readonly sealed: string
  readonly grantId: string | null
  /** Fingerprint of the second name that a session or a device code has. */
  readonly alias: string | null
  readonly consumedAt: Date | null
  readonly expiresAt: Date | null
}

/** A key that signs or has signed tokens; `_id` is its `kid`. */
export interface SigningKey {
  readonly _id: string
  readonly alg: 'ES256' | 'RS256'
  /** The private JWK. */
  readonly sealed: string
  /** Which of the regular turns it belongs to: of one turn there is one key, however many processes make it. */
  readonly turn: number
  readonly createdAt: Date
}

/** How a member signs in; `_id` is the member's id. */
export interface Login {
  readonly _id: string
  readonly email: string
  readonly passwordHash: string
  readonly changedAt: Date
}

/** Failed attempts to sign in from an address or for a name; `_id` says which. */
export interface Attempts {
  readonly _id: string
  readonly count: number
  readonly expiresAt: Date
}

/** Somebody who is signed in on the account pages; `_id` is the fingerprint of the cookie. */
export interface AccountSession {
  readonly _id: string
  readonly memberId: string
  readonly expiresAt: Date
}

/** A token or grant that must not be honoured any more, as long as tokens of it may be valid. */
export interface Revocation {
  readonly _id: string
  readonly expiresAt: Date
}

const text = { type: String, required: true } as const
const ttl = [{ expiresAt: 1 }, { expireAfterSeconds: 0 }] as const

/** The collections of the authorization server. */
export function createAuthModels(connection: Connection) {
  return {
    records: bindModel<AuthRecord>(connection, 'AuthRecord', {
      collection: 'auth_records',
      fields: {
        kind: text,
        sealed: text,
        grantId: { type: String, default: null },
        alias: { type: String, default: null },
        consumedAt: { type: Date, default: null },
        expiresAt: { type: Date, default: null },
      },
      indexes: [ttl, [{ grantId: 1 }], [{ alias: 1 }]],
    }),
    keys: bindModel<SigningKey>(connection, 'AuthKey', {
      collection: 'auth_keys',
      fields: {
        alg: { ...text, enum: ['ES256', 'RS256'] },
        sealed: text,
        turn: { type: Number, required: true },
        createdAt: { type: Date, required: true },
      },
      indexes: [[{ alg: 1, turn: 1 }, { unique: true }]],
    }),
    logins: bindModel<Login>(connection, 'AuthLogin', {
      collection: 'auth_logins',
      fields: { email: text, passwordHash: text, changedAt: { type: Date, required: true } },
      indexes: [[{ email: 1 }, { unique: true }]],
    }),
    attempts: bindModel<Attempts>(connection, 'AuthAttempts', {
      collection: 'auth_attempts',
      fields: { count: { type: Number, required: true }, expiresAt: { type: Date, required: true } },
      indexes: [ttl],
    }),
    accountSessions: bindModel<AccountSession>(connection, 'AuthAccountSession', {
      collection: 'auth_account_sessions',
      fields: { memberId: text, expiresAt: { type: Date, required: true } },
      indexes: [ttl, [{ memberId: 1 }]],
    }),
    revocations: bindModel<Revocation>(connection, 'AuthRevocation', {
      collection: 'auth_revocations',
      fields: { expiresAt: { type: Date, required: true } },
      indexes: [ttl],
    }),
  }
}

export type AuthModels = ReturnType<typeof createAuthModels>

/** Makes the collections and indexes; done when the server is first asked for something, not at the start. */
export async function prepareAuth(models: AuthModels): Promise<void> {
  await prepareModels(Object.values(models))
}
