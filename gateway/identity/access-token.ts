import { errors, jwtVerify } from 'jose'
import { z } from 'zod'
import {
  type AccessTokenClaims,
  type AccessTokenIssuer,
  accessTokenLifetimeSeconds,
  accessTokenParty,
  createAccessTokenIssuer,
  everyScope,
} from '../../kit/access-token-issuer.ts'
import { CodedError } from '../../kit/errors.ts'

const claimsSchema = z.object({
  client_id: z.string(),
  sub: z.string(),
  scope: z.string(),
  jti: z.string(),
  exp: z.number(),
})

export interface VerifiedClaims extends AccessTokenClaims {
  /** In milliseconds of the wall clock. */
  readonly expiresAt: number
}

export interface AccessTokens extends Pick<AccessTokenIssuer, 'issue'> {
  /** Throws UNAUTHENTICATED for anything but an unexpired token of ours. */
  verify(token: string): Promise<VerifiedClaims>
}

/** Tokens signed with an Ed25519 key made from 32 secret bytes, so that gateways with one secret share it. */
export function createAccessTokens(secret: Buffer, now: () => Date): AccessTokens {
  const { issue, publicKey } = createAccessTokenIssuer(secret, now)
  return {
    issue,
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, publicKey, {
          algorithms: ['EdDSA'],
          audience: accessTokenParty,
          issuer: accessTokenParty,
          typ: 'at+jwt',
          currentDate: now(),
          requiredClaims: ['exp', 'iat', 'jti', 'sub'],
          maxTokenAge: accessTokenLifetimeSeconds,
        })
        const claims = claimsSchema.parse(payload)
        return {
          appId: claims.client_id,
          tokenId: claims.jti,
          scopes: claims.scope === everyScope ? null : claims.scope.split(' ').filter((scope) => scope !== ''),
          endUserId: claims.sub === claims.client_id ? null : claims.sub,
          expiresAt: claims.exp * 1_000,
        }
      } catch (error) {
        if (!(error instanceof errors.JOSEError) && !(error instanceof z.ZodError)) throw error
        const expired = error instanceof errors.JWTExpired
        throw new CodedError(
          'UNAUTHENTICATED',
          expired ? 'The access token has expired.' : 'The access token is not valid.',
        )
      }
    },
  }
}
