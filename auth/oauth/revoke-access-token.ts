import { type JSONWebKeySet, createLocalJWKSet, errors, jwtVerify } from 'jose'
import type { Provider } from 'oidc-provider'
import { graphResource } from './graph-resource.ts'

/**
 * oidc-provider takes only tokens that it has stored for revocation, and an access token is a JWT that nobody stores. One
 * of ours is stored here under its id while the request is under way, and the parameter becomes that id: who may revoke
 * it is then decided as for any other token.
 */
export async function admitAccessToken(
  provider: Provider,
  params: Record<string, unknown>,
  jwks: JSONWebKeySet,
): Promise<void> {
  const { token } = params
  if (typeof token !== 'string' || token.split('.').length !== 3) return
  const claims = await verified(token, jwks, provider.issuer)
  if (claims === undefined) return
  const { tokenId: jti, clientId, expiresAt: exp } = claims
  const iat = Math.floor(Date.now() / 1000)
  await provider.AccessToken.adapter.upsert(jti, { kind: 'AccessToken', jti, clientId, iat, exp }, exp - iat)
  params['token'] = claims.tokenId
}

interface RevocableToken {
  readonly tokenId: string
  readonly clientId: string
  readonly expiresAt: number
}

/** Undefined for anything but an access token of ours that is still valid: there is nothing to revoke then. */
async function verified(token: string, jwks: JSONWebKeySet, issuer: string): Promise<RevocableToken | undefined> {
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), {
      issuer,
      audience: graphResource,
      typ: 'at+jwt',
      algorithms: ['ES256', 'RS256'],
    })
    const { jti, exp, client_id: clientId } = payload
    if (jti === undefined || exp === undefined || typeof clientId !== 'string') return undefined
    return { tokenId: jti, clientId, expiresAt: exp }
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}
