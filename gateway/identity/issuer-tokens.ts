import { type JSONWebKeySet, type JWTHeaderParameters, createLocalJWKSet, errors, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { CodedError } from '../../kit/errors.ts'

/** What a gateway needs of the authorization server, in its own process or another. */
export interface TokenIssuer {
  /** `iss` of its tokens. */
  issuer(): Promise<string> | string
  /** Its public keys as they are now. */
  keys(): Promise<JSONWebKeySet>
  /** Ids of tokens and of grants that were revoked while tokens of them may be valid. */
  revoked(): Promise<readonly string[]>
}

/** What a token of the authorization server says. */
export interface IssuedClaims {
  readonly appId: string
  readonly tokenId: string
  readonly scopes: readonly string[]
  /** The member for whom the app acts; null when it acts for itself. */
  readonly memberId: string | null
  /** What the member granted the app, under which the token was issued. */
  readonly grantId: string | null
  /** The credential whose key the app showed for the token; null for an app without keys. */
  readonly keyId: string | null
}

export interface IssuerTokens {
  /** Throws UNAUTHENTICATED for anything but a valid token of the issuer that was not revoked. */
  verify(token: string): Promise<IssuedClaims>
}

const audience = 'urn:tributary:graph'
const algorithms = ['ES256', 'RS256']
/** Headers by which a token would bring or name its own key: RFC 8725, section 3.10. */
const ownKey = ['jku', 'jwk', 'x5u', 'x5c'] as const
/** Room for clocks of machines that differ. */
const toleranceSeconds = 5
const lifetimeSeconds = 300
const keysBelievedMs = 5 * 60 * 1000
/** Tokens that name unknown keys make the list be read this often at most. */
const keysCooldownMs = 1_000
const revocationsBelievedMs = 1_000
/** While the list cannot be read, the last one is believed this long. */
const revocationsKeptMs = 30_000
const rememberedTokens = 5_000

const claimsSchema = z.object({
  client_id: z.string(),
  sub: z.string(),
  scope: z.string().default(''),
  jti: z.string(),
  exp: z.number(),
  gid: z.string().nullish(),
  cred: z.string().nullish(),
})

/** Verifies the access tokens (RFC 9068) of the authorization server by its public keys. */
export function createIssuerTokens(
  source: TokenIssuer,
  { now, nowMs }: { readonly now: () => Date; readonly nowMs: () => number },
): IssuerTokens {
  const keyFor = createKeyFinder(source, nowMs)
  const isRevoked = createRevocationCheck(source, nowMs)
  const verified = new LRUCache<string, { readonly claims: IssuedClaims; readonly exp: number }>({
    max: rememberedTokens,
  })

  const verifySignature = async (token: string): Promise<IssuedClaims> => {
    const known = verified.get(token)
    if (known !== undefined && now().getTime() / 1000 < known.exp) return known.claims
    const { payload } = await jwtVerify(token, keyFor, {
      algorithms,
      audience,
      issuer: await source.issuer(),
      typ: 'at+jwt',
      currentDate: now(),
      clockTolerance: toleranceSeconds,
      requiredClaims: ['exp', 'iat', 'jti', 'sub'],
      maxTokenAge: lifetimeSeconds,
    })
    const { client_id: appId, sub, scope, jti: tokenId, gid, cred, exp } = claimsSchema.parse(payload)
    const scopes = scope.split(' ').filter((name) => name !== '')
    const claims = {
      appId,
      tokenId,
      scopes,
      memberId: sub === appId ? null : sub,
      grantId: gid ?? null,
      keyId: cred ?? null,
    }
    verified.set(token, { claims, exp })
    return claims
  }

  return {
    async verify(token) {
      try {
        const claims = await verifySignature(token)
        if (await isRevoked(claims)) throw new CodedError('UNAUTHENTICATED', 'The access token has been revoked.')
        return claims
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

/** Finds the key that a token names among the issuer's, reading them anew for an unknown one, within bounds. */
function createKeyFinder(source: TokenIssuer, nowMs: () => number) {
  let known: { readonly readAt: number; readonly find: Promise<ReturnType<typeof createLocalJWKSet>> } | undefined
  const read = () => {
    const find = source.keys().then(createLocalJWKSet)
    const reading = { readAt: nowMs(), find }
    known = reading
    find.catch(() => {
      if (known === reading) known = undefined
    })
    return reading
  }
  return async (header: JWTHeaderParameters) => {
    if (typeof header.kid !== 'string' || ownKey.some((name) => name in header)) throw new errors.JWKSNoMatchingKey()
    let keys = known !== undefined && nowMs() - known.readAt < keysBelievedMs ? known : read()
    try {
      return await (
        await reachable(keys.find)
      )(header)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || nowMs() - keys.readAt < keysCooldownMs) throw error
    }
    keys = known !== undefined && known !== keys ? known : read()
    return (await reachable(keys.find))(header)
  }
}

function createRevocationCheck(source: TokenIssuer, nowMs: () => number) {
  let last: { readonly readAt: number; readonly ids: ReadonlySet<string> } | undefined
  let reading: Promise<ReadonlySet<string>> | undefined
  const read = async (): Promise<ReadonlySet<string>> => {
    const readAt = nowMs()
    try {
      last = { readAt, ids: new Set(await source.revoked()) }
    } catch (error) {
      if (last === undefined || readAt - last.readAt > revocationsKeptMs) throw unavailable(error)
    } finally {
      reading = undefined
    }
    return last.ids
  }
  return async ({ tokenId, grantId }: IssuedClaims): Promise<boolean> => {
    const fresh = last !== undefined && nowMs() - last.readAt < revocationsBelievedMs ? last.ids : undefined
    const ids = fresh ?? (await (reading ??= read()))
    return ids.has(tokenId) || (grantId !== null && ids.has(grantId))
  }
}

async function reachable<Value>(keys: Promise<Value>): Promise<Value> {
  try {
    return await keys
  } catch (error) {
    throw unavailable(error)
  }
}

function unavailable(cause: unknown): CodedError {
  const error = new CodedError('SUBGRAPH_UNAVAILABLE', 'Access tokens cannot be verified now.')
  error.cause = cause
  return error
}
