import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { isCodedError } from '../../kit/errors.ts'
import type { AccessTokens } from './access-token.ts'
import type { IssuedClaims, IssuerTokens } from './issuer-tokens.ts'
import { isIssuerToken } from './token-header.ts'

/** What a token says, whoever has signed it. */
export interface VerifiedToken {
  /** A hash of its text: what is remembered of a token cannot be used as one. */
  readonly id: string
  readonly appId: string
  readonly tokenId: string
  /** Null for all that the app has; only tokens of this installation's own key say so. */
  readonly scopes: readonly string[] | null
  readonly endUserId: string | null
  /** Set when the person is a member who has consented, which is looked up. */
  readonly memberId: string | null
  /** The credential whose key was shown for the token, which falls with it. */
  readonly keyId: string | null
  /** In milliseconds of the wall clock. */
  readonly expiresAt: number
}

export interface VerifiedTokens {
  /** Throws UNAUTHENTICATED for anything but a valid token that was not revoked. A promise only where that takes time. */
  verify(token: string): VerifiedToken | Promise<VerifiedToken>
  /** Whether the token was verified before and has not expired. */
  knows(token: string): boolean
}

interface Entry {
  readonly verified: VerifiedToken
  /** Those of the authorization server can be revoked one by one; null for others. */
  readonly issued: IssuedClaims | null
}

const remembered = 20_000

/**
 * Verifies each token once: a signature costs some hundred times more than all else that is asked of a caller. What was
 * verified is believed until it expires, is revoked, or its key is no longer published.
 */
export function createVerifiedTokens(options: {
  readonly accessTokens: AccessTokens
  /** Tokens of the authorization server; null where this gateway knows none. */
  readonly issuerTokens: IssuerTokens | null
  readonly now: () => Date
}): VerifiedTokens {
  const { accessTokens, issuerTokens, now } = options
  const known = new LRUCache<string, Entry>({ max: remembered })

  const valid = (id: string): Entry | undefined => {
    const entry = known.get(id)
    if (entry === undefined || now().getTime() < entry.verified.expiresAt) return entry
    known.delete(id)
    return undefined
  }
  const verifyAnew = async (token: string, id: string): Promise<VerifiedToken> => {
    if (issuerTokens !== null && isIssuerToken(token)) {
      const issued = await issuerTokens.verify(token)
      const { appId, tokenId, scopes, memberId, keyId, expiresAt } = issued
      const verified = { id, appId, tokenId, scopes, endUserId: memberId, memberId, keyId, expiresAt }
      known.set(id, { verified, issued })
      return verified
    }
    const { appId, tokenId, scopes, endUserId, expiresAt } = await accessTokens.verify(token)
    const verified = { id, appId, tokenId, scopes, endUserId, memberId: null, keyId: null, expiresAt }
    known.set(id, { verified, issued: null })
    return verified
  }

  return {
    verify(token) {
      const id = idOf(token)
      const entry = valid(id)
      if (entry === undefined) return verifyAnew(token, id)
      const checking = entry.issued && issuerTokens?.check(entry.issued)
      if (!checking) return entry.verified
      return checking.then(
        () => entry.verified,
        (error: unknown) => {
          if (isCodedError(error) && error.code === 'UNAUTHENTICATED') known.delete(id)
          throw error
        },
      )
    },
    knows: (token) => valid(idOf(token)) !== undefined,
  }
}

function idOf(token: string): string {
  return hash('sha256', token, 'base64url')
}
