import { hash, verify } from '@node-rs/argon2'
import type { AuthModels, Login } from '../store/models.ts'
import { isDuplicateKey } from '../store/is-duplicate-key.ts'
import type { AttemptLimit } from './attempts.ts'

/** Argon2id as OWASP advises: 19 MiB, two passes; some 20 ms of a core. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
const mostPerEmail = 10
const mostPerAddress = 50

export type SignInOutcome =
  | { readonly kind: 'signed in'; readonly memberId: string }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'too many attempts' }

export interface Logins {
  /** Sets a member's address and password; false when the address signs another member in. */
  set(memberId: string, email: string, password: string): Promise<boolean>
  /** When the member last chose a password; null when it never did. */
  changedAt(memberId: string): Promise<Date | null>
  /** The member whom an address signs in; null where it signs nobody in. */
  memberOf(email: string): Promise<string | null>
  /** Takes as long for an address that nobody has as for a wrong password. */
  signIn(attempt: {
    readonly email: string
    readonly password: string
    readonly address: string
  }): Promise<SignInOutcome>
}

/** What is told to the audit log: the member where one is known, never an address or a password. */
export type AuditSignIn = (done: {
  readonly memberId: string | null
  readonly action: 'sign-in' | 'password-set'
  readonly codes?: readonly string[]
}) => Promise<void>

/** E-mail addresses and password hashes of members. */
export function createLogins(options: {
  readonly models: Pick<AuthModels, 'logins'>
  readonly attempts: AttemptLimit
  readonly audit: AuditSignIn
  readonly now: () => Date
}): Logins {
  const { models, attempts, audit, now } = options
  let nobodysHash: Promise<string> | undefined
  return {
    async set(memberId, email, password) {
      const fields = { email: normalEmail(email), passwordHash: await hash(normalPassword(password), cost) }
      try {
        await models.logins.updateOne({ _id: memberId }, { $set: { ...fields, changedAt: now() } }, { upsert: true })
        await audit({ memberId, action: 'password-set' })
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },
    async changedAt(memberId) {
      const login = await models.logins.findById(memberId).lean<Login>()
      return login?.changedAt ?? null
    },
    async memberOf(email) {
      const login = await models.logins.findOne({ email: normalEmail(email) }, { _id: 1 }).lean<Pick<Login, '_id'>>()
      return login?._id ?? null
    },
    async signIn({ email, password, address }) {
      const name = normalEmail(email)
      const admitted = await Promise.all([
        attempts.admit(`email ${name}`, mostPerEmail),
        attempts.admit(`address ${address}`, mostPerAddress),
      ])
      if (admitted.includes(false)) return { kind: 'too many attempts' }
      const login = await models.logins.findOne({ email: name }).lean<Login>()
      nobodysHash ??= hash('nobody', cost)
      const matches = await verify(login?.passwordHash ?? (await nobodysHash), normalPassword(password))
      if (login === null || !matches) {
        await audit({ memberId: login?._id ?? null, action: 'sign-in', codes: ['WRONG_PASSWORD'] })
        return { kind: 'wrong' }
      }
      await attempts.forget(`email ${name}`)
      await audit({ memberId: login._id, action: 'sign-in' })
      return { kind: 'signed in', memberId: login._id }
    },
  }
}

function normalEmail(email: string): string {
  return email.trim().toLowerCase().slice(0, 320)
}

/** The same characters are the same password however a keyboard composes them; a longer text is no password. */
function normalPassword(password: string): string {
  return password.normalize('NFKC').slice(0, 200)
}
