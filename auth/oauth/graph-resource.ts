import type { ResourceServer, errors as oidcErrors } from 'oidc-provider'
import type { SigningAlgorithm } from '../store/signing-keys.ts'
import { graphScopesOf } from './clients.ts'

/** The one resource that tokens are for (RFC 8707): their `aud`. The same on every installation; `iss` tells those apart. */
export const graphResource = 'urn:tributary:graph'

/** The longest life of an access token: nobody who verifies it by its signature learns of a revocation. */
export const accessTokenSeconds = 300

/** Scopes that concern the sign-in and not the graph. */
export const signInScopes = ['openid', 'offline_access'] as const

export interface TokenRequest {
  readonly client: object
  readonly params: Record<string, unknown>
  readonly resource: string
}

/**
 * What a client gets a token of the graph for. oidc-provider drops scopes that it does not know; here they are refused,
 * so that nobody builds on a token that lacks what was asked for. `params` may be completed: an app that acts for itself
 * and names no scope gets all of its own.
 */
export function createGraphResource(options: {
  readonly errors: typeof oidcErrors
  readonly signWith: { readonly alg: SigningAlgorithm; readonly kid: string }
}): (request: TokenRequest) => ResourceServer {
  const { InvalidScope, InvalidTarget } = options.errors
  return ({ client, params, resource }) => {
    if (resource !== graphResource) throw new InvalidTarget(`tokens are for ${graphResource} only`)
    const allowed = graphScopesOf(client)
    const forItself = params['grant_type'] === 'client_credentials'
    if (forItself) params['scope'] ??= allowed.join(' ')
    const begins = forItself || params['grant_type'] === undefined
    const wanted = typeof params['scope'] === 'string' ? params['scope'].split(' ') : []
    const refused = wanted.filter(
      (scope) => !allowed.includes(scope) && (forItself || !signInScopes.some((known) => known === scope)),
    )
    if (refused.length > 0) {
      throw new InvalidScope(`this app may not ask for ${refused.join(' ')}`, refused.join(' '))
    }
    if (begins && !wanted.some((scope) => allowed.includes(scope))) {
      throw new InvalidScope('ask for at least one scope of the graph', wanted.join(' '))
    }
    return {
      scope: allowed.join(' '),
      audience: graphResource,
      accessTokenTTL: accessTokenSeconds,
      accessTokenFormat: 'jwt',
      jwt: { sign: { ...options.signWith } },
    }
  }
}
