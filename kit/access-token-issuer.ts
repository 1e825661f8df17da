import { type KeyObject, createPrivateKey, createPublicKey } from 'node:crypto'
import { SignJWT } from 'jose'

/** Whom tokens are from and whom they are for: this installation. */
export const accessTokenParty = 'tributary'
/** The longest life of an access token, after which revocation takes hold on its own. */
export const accessTokenLifetimeSeconds = 300

/** The `scope` of a token that is as good as its app's keys. */
export const everyScope = '*'

export interface AccessTokenClaims {
  readonly appId: string
  readonly tokenId: string
  /** Null for all that the app has, whatever that is when the token is used. */
  readonly scopes: readonly string[] | null
  /** The person for whom the app acts; absent when it acts for itself. */
  readonly endUserId: string | null
}

export interface AccessTokenIssuer {
  /** A signed JWT after RFC 9068 (`typ: at+jwt`), valid for five minutes. */
  readonly issue: (claims: AccessTokenClaims) => Promise<string>
  /** What tokens are verified with. */
  readonly publicKey: KeyObject
}

/** Tokens signed with an Ed25519 key made from 32 secret bytes, so that processes with one secret share it. */
export function createAccessTokenIssuer(secret: Buffer, now: () => Date): AccessTokenIssuer {
  const privateKey = ed25519Key(secret)
  return {
    publicKey: createPublicKey(privateKey),
    issue: ({ appId, endUserId, scopes, tokenId }) => {
      const issuedAt = Math.floor(now().getTime() / 1000)
      return new SignJWT({ client_id: appId, scope: scopes?.join(' ') ?? everyScope })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
        .setIssuer(accessTokenParty)
        .setAudience(accessTokenParty)
        .setSubject(endUserId ?? appId)
        .setJti(tokenId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + accessTokenLifetimeSeconds)
        .sign(privateKey)
    },
  }
}

/** RFC 8410: an Ed25519 private key in PKCS #8 is this prefix and the 32-byte seed. */
function ed25519Key(seed: Buffer): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}
