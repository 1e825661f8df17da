import { randomBytes } from 'node:crypto'
import type { AccountSession, AuthModels } from '../store/models.ts'
import type { Seal } from '../store/seal.ts'

export const sessionMs = 12 * 60 * 60 * 1000

/** Who is signed in on the account pages; a browser has a random token, the database its fingerprint. */
export interface AccountSessions {
  begin(memberId: string): Promise<string>
  /** The member of a token; undefined for one that is unknown, ended or too old. */
  find(token: string): Promise<string | undefined>
  end(token: string): Promise<void>
  /** Signs a member out everywhere, as a new password asks for. */
  endAll(memberId: string): Promise<void>
}

/** Sessions of twelve hours. */
export function createAccountSessions(options: {
  readonly models: Pick<AuthModels, 'accountSessions'>
  readonly seal: Pick<Seal, 'fingerprint'>
  readonly now: () => Date
}): AccountSessions {
  const { models, seal, now } = options
  const idOf = (token: string) => seal.fingerprint(`account session ${token}`)
  return {
    async begin(memberId) {
      const token = randomBytes(32).toString('base64url')
      const expiresAt = new Date(now().getTime() + sessionMs)
      await models.accountSessions.insertMany([{ _id: idOf(token), memberId, expiresAt }])
      return token
    },
    async find(token) {
      const session = await models.accountSessions.findById(idOf(token)).lean<AccountSession>()
      return session !== null && session.expiresAt > now() ? session.memberId : undefined
    },
    async end(token) {
      await models.accountSessions.deleteOne({ _id: idOf(token) })
    },
    async endAll(memberId) {
      await models.accountSessions.deleteMany({ memberId })
    },
  }
}
