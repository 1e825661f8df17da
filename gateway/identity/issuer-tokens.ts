import { type JSONWebKeySet, type JWTHeaderParameters, createLocalJWKSet, errors, jwtVerify } from 'jose'
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
  /** The id of the issuer's key that has signed the token. */
  readonly signedBy: string
  /** When it is no longer taken, in milliseconds of the wall clock. */
  readonly expiresAt: number
}

export interface IssuerTokens {
  /** Throws UNAUTHENTICATED for anything but a valid token of the issuer that was not revoked. */
  verify(token: string): Promise<IssuedClaims>
  /**
   * Asks of a token that was verified before whether it was revoked since or its key is no longer published; rejects as
   * `verify` does. Null where that is known at once and the token stands.
   */
  check(claims: IssuedClaims): Promise<void> | null
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
const revocationsBelievedMs = 500
/** While the list cannot be read, the last one is believed this long. */
const revocationsKeptMs = 30_000

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
  const issuerKeys = createIssuerKeys(source, nowMs)
  const revocations = createRevocationCheck(source, nowMs)

  const verifySignature = async (token: string): Promise<IssuedClaims> => {
    const { payload, protectedHeader } = await jwtVerify(token, issuerKeys.find, {
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
    return {
      appId,
      tokenId,
      scopes,
      memberId: sub === appId ? null : sub,
      grantId: gid ?? null,
      keyId: cred ?? null,
      signedBy: protectedHeader.kid ?? '',
      expiresAt: (exp + toleranceSeconds) * 1_000,
    }
  }
  const checkAnew = async (claims: IssuedClaims): Promise<void> => {
    if (!(await issuerKeys.publish(claims.signedBy))) {
      throw new CodedError('UNAUTHENTICATED', 'The access token is not valid.')
    }
    if (await revocations.includes(claims)) throw revokedToken()
  }

  return {
    async verify(token) {
      try {
        const claims = await verifySignature(token)
        if (await revocations.includes(claims)) throw revokedToken()
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
    check(claims) {
      if (issuerKeys.known(claims.signedBy) && revocations.known(claims) === false) return null
      return checkAnew(claims)
    },
  }
}

/** Finds the key that a token names among the issuer's, reading them anew for an unknown one, within bounds. */
function createIssuerKeys(source: TokenIssuer, nowMs: () => number) {
  interface Reading {
    readonly readAt: number
    readonly find: Promise<ReturnType<typeof createLocalJWKSet>>
    readonly ids: Promise<ReadonlySet<unknown>>
    /** The ids once they are there. */
    published?: ReadonlySet<unknown>
  }
  let known: Reading | undefined
  const read = (): Reading => {
    const keys = source.keys()
    const reading: Reading = {
      readAt: nowMs(),
      find: keys.then(createLocalJWKSet),
      ids: keys.then((set) => (reading.published = new Set(set.keys.map(({ kid }) => kid)))),
    }
    known = reading
    keys.catch(() => {
      if (known === reading) known = undefined
    })
    // Who waits for either is told of its failure.
    reading.find.catch(() => undefined)
    reading.ids.catch(() => undefined)
    return reading
  }
  const fresh = (): Reading | undefined =>
    known !== undefined && nowMs() - known.readAt < keysBelievedMs ? known : undefined
  const find = async (header: JWTHeaderParameters) => {
    if (typeof header.kid !== 'string' || ownKey.some((name) => name in header)) throw new errors.JWKSNoMatchingKey()
    let keys = fresh() ?? read()
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
  return {
    find,
    /** True where a key is known to be published now. */
    known: (id: string): boolean => fresh()?.published?.has(id) ?? false,
    publish: async (id: string): Promise<boolean> => (await reachable((fresh() ?? read()).ids)).has(id),
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
  const fresh = () => (last !== undefined && nowMs() - last.readAt < revocationsBelievedMs ? last.ids : undefined)
  return {
    /** Undefined where the list must be read to know. */
    known(claims: IssuedClaims): boolean | undefined {
      const ids = fresh()
      return ids && isRevoked(ids, claims)
    },
    includes: async (claims: IssuedClaims): Promise<boolean> =>
      isRevoked(fresh() ?? (await (reading ??= read())), claims),
  }
}

function isRevoked(ids: ReadonlySet<string>, { tokenId, grantId }: IssuedClaims): boolean {
  return ids.has(tokenId) || (grantId !== null && ids.has(grantId))
}

function revokedToken(): CodedError {
  return new CodedError('UNAUTHENTICATED', 'The access token has been revoked.')
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
