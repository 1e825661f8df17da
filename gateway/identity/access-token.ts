import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { SignJWT, errors, jwtVerify } from 'jose'
import { z } from 'zod'
import { CodedError } from '../../kit/errors.ts'

const audience = 'tributary'
const issuer = 'tributary'
/** The longest life of an access token, after which revocation takes hold on its own. */
export const accessTokenLifetimeSeconds = 300

const claimsSchema = z.object({
  client_id: z.string(),
  sub: z.string(),
  scope: z.string(),
  jti: z.string(),
  exp: z.number(),
})

export interface AccessTokenClaims {
  readonly appId: string
  readonly tokenId: string
  readonly scopes: readonly string[]
  /** The person for whom the app acts; absent when it acts for itself. */
  readonly endUserId: string | null
}

export interface VerifiedClaims extends AccessTokenClaims {
  /** In milliseconds of the wall clock. */
  readonly expiresAt: number
}

export interface AccessTokens {
  /** A signed JWT after RFC 9068 (`typ: at+jwt`), valid for five minutes. */
  issue(claims: AccessTokenClaims): Promise<string>
  /** Throws UNAUTHENTICATED for anything but an unexpired token of ours. */
  verify(token: string): Promise<VerifiedClaims>
}

/** Tokens signed with an Ed25519 key made from 32 secret bytes, so that gateways with one secret share it. */
export function createAccessTokens(secret: Buffer, now: () => Date): AccessTokens {
  const privateKey = ed25519Key(secret)
  const publicKey = createPublicKey(privateKey)
  return {
    issue: ({ appId, endUserId, scopes, tokenId }) => {
      const issuedAt = Math.floor(now().getTime() / 1000)
      return new SignJWT({ client_id: appId, scope: scopes.join(' ') })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(endUserId ?? appId)
        .setJti(tokenId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + accessTokenLifetimeSeconds)
        .sign(privateKey)
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, publicKey, {
          algorithms: ['EdDSA'],
          audience,
          issuer,
          typ: 'at+jwt',
          currentDate: now(),
          requiredClaims: ['exp', 'iat', 'jti', 'sub'],
          maxTokenAge: accessTokenLifetimeSeconds,
        })
        const claims = claimsSchema.parse(payload)
        return {
          appId: claims.client_id,
          tokenId: claims.jti,
          scopes: claims.scope.split(' ').filter((scope) => scope !== ''),
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

/** RFC 8410: an Ed25519 private key in PKCS #8 is this prefix and the 32-byte seed. */
function ed25519Key(seed: Buffer): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}
