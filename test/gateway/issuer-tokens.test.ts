import { type KeyObject, generateKeyPairSync } from 'node:crypto'
import { type JWK, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { type TokenIssuer, createIssuerTokens } from '../../gateway/identity/issuer-tokens.ts'
import { isCodedError } from '../../kit/errors.ts'

const now = new Date('2026-11-18T10:20:30.000Z')
const seconds = now.getTime() / 1000

const keys = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
}
const published = (['ES256', 'RS256'] as const).map((alg): JWK => ({
  ...(keys[alg].publicKey.export({ format: 'jwk' }) as JWK),
  kid: `key-${alg}`,
  alg,
  use: 'sig',
}))

const payload = {
  iss: 'https://auth.example',
  aud: 'urn:tributary:graph',
  sub: 'mem_1',
  client_id: 'app_1',
  scope: 'catalog:read deals:read',
  jti: 'tok_1',
  gid: 'grant_1',
  cred: 'cred_1',
  iat: seconds,
  exp: seconds + 300,
}

function sign(
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
  key: KeyObject = keys.ES256.privateKey,
): Promise<string> {
  const given = Object.entries({ ...payload, ...claims }).filter(([, value]) => value !== undefined)
  return new SignJWT(Object.fromEntries(given))
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'key-ES256', ...header })
    .sign(key)
}

/** A verifier of its own clock whose issuer counts what it is asked. */
function verifier(changes: Partial<TokenIssuer> = {}, { at = 0 }: { at?: number } = {}) {
  const asked = { keys: 0, revoked: 0 }
  const clock = { ms: 0 }
  const issuer: TokenIssuer = {
    issuer: () => 'https://auth.example',
    async keys() {
      asked.keys++
      return { keys: published }
    },
    async revoked() {
      asked.revoked++
      return []
    },
    ...changes,
  }
  const time = new Date(now.getTime() + at * 1000)
  return { asked, clock, ...createIssuerTokens(issuer, { now: () => time, nowMs: () => clock.ms }) }
}

async function refusal(token: string, of = verifier()): Promise<string> {
  const error: unknown = await of.verify(token).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isCodedError(error)) throw new Error('the token was accepted', { cause: error })
  return `${error.code}: ${error.message}`
}

describe('a token of the authorization server', () => {
  it('says for whom an app acts', async () => {
    const scopes = ['catalog:read', 'deals:read']
    const claims = { appId: 'app_1', tokenId: 'tok_1', scopes, memberId: 'mem_1', grantId: 'grant_1', keyId: 'cred_1' }
    expect(await verifier().verify(await sign())).toMatchObject(claims)
    const own = await sign({ sub: 'app_1', gid: undefined })
    expect(await verifier().verify(own)).toMatchObject({ ...claims, memberId: null, grantId: null })
  })

  it('may be signed by RS256 too', async () => {
    const token = await sign({}, { alg: 'RS256', kid: 'key-RS256' }, keys.RS256.privateKey)
    expect(await verifier().verify(token)).toMatchObject({ appId: 'app_1' })
  })

  it.each<[string, () => Promise<string>]>([
    ['for another audience', () => sign({ aud: 'app_1' })],
    ['for nobody', () => sign({ aud: undefined })],
    ['of another issuer', () => sign({ iss: 'https://evil.example' })],
    ['that is an id token', () => sign({}, { typ: 'JWT' })],
    ['that does not say what it is', () => sign({}, { typ: undefined })],
    ['without an end', () => sign({ exp: undefined })],
    ['without a beginning', () => sign({ iat: undefined })],
    ['without an id', () => sign({ jti: undefined })],
    ['without a client', () => sign({ client_id: undefined })],
    ['that is not valid yet', () => sign({ nbf: seconds + 60 })],
    ['of more than five minutes', () => sign({ iat: seconds - 400, exp: seconds + 900 })],
    ['of an unknown key', () => sign({}, { kid: 'other' })],
    ['that names no key', () => sign({}, { kid: undefined })],
    ['that brings its key', () => sign({}, { jwk: published[0] })],
    ['that says where its key is', () => sign({}, { jku: 'https://auth.example/oauth/jwks' })],
    ['that says where its certificate is', () => sign({}, { x5u: 'https://auth.example/cert' })],
    ['that brings a certificate', () => sign({}, { x5c: ['MIIB'] })],
    ['signed with the key of another algorithm', () => sign({}, { alg: 'RS256' }, keys.RS256.privateKey)],
    [
      'signed with PS256, which is not published',
      () => sign({}, { alg: 'PS256', kid: 'key-RS256' }, keys.RS256.privateKey),
    ],
  ])('is refused: %s', async (_what, make) => {
    expect(await refusal(await make())).toMatch(/^UNAUTHENTICATED: The access token (is not valid|has expired)\.$/)
  })

  it('is refused when its time is over, remembered or not', async () => {
    const token = await sign()
    expect(await refusal(token, verifier({}, { at: 306 }))).toContain('expired')
    let time = now
    const source: TokenIssuer = {
      issuer: () => payload.iss,
      keys: async () => ({ keys: published }),
      revoked: async () => [],
    }
    const remembering = createIssuerTokens(source, { now: () => time, nowMs: () => 0 })
    await remembering.verify(token)
    time = new Date(now.getTime() + 306_000)
    await expect(remembering.verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('is refused within a second of its own or its grant’s revocation', async () => {
    const revoked: string[] = []
    const gateway = verifier({ revoked: async () => [...revoked] })
    const token = await sign()
    await gateway.verify(token)
    revoked.push('grant_1')
    await gateway.verify(token)
    gateway.clock.ms = 1_000
    expect(await refusal(token, gateway)).toContain('revoked')
    revoked.splice(0, 1, 'tok_1')
    gateway.clock.ms = 2_000
    expect(await refusal(token, gateway)).toContain('revoked')
  })

  it('is believed for half a minute while revocations cannot be read, and not longer', async () => {
    let reachable = true
    const gateway = verifier({
      async revoked() {
        if (!reachable) throw new Error('out of reach')
        return []
      },
    })
    const token = await sign()
    await gateway.verify(token)
    reachable = false
    gateway.clock.ms = 29_000
    await gateway.verify(token)
    gateway.clock.ms = 31_000
    expect(await refusal(token, gateway)).toContain('SUBGRAPH_UNAVAILABLE')
  })

  it('costs one reading of keys and revocations, however often it comes', async () => {
    const gateway = verifier()
    const token = await sign()
    for (let count = 0; count < 50; count++) await gateway.verify(token)
    expect(gateway.asked).toEqual({ keys: 1, revoked: 1 })
  })

  it('of a new key makes the keys be read anew, once a second at most', async () => {
    const gateway = verifier()
    await gateway.verify(await sign())
    for (let count = 0; count < 20; count++) await refusal(await sign({}, { kid: `unknown-${count}` }), gateway)
    expect(gateway.asked.keys).toBe(1)
    gateway.clock.ms = 1_000
    for (let count = 0; count < 20; count++) await refusal(await sign({}, { kid: `unknown-${count}` }), gateway)
    expect(gateway.asked.keys).toBe(2)
  })

  it('cannot be verified, which is no fault of the caller, while the keys cannot be read', async () => {
    const gateway = verifier({ keys: () => Promise.reject(new Error('out of reach')) })
    expect(await refusal(await sign(), gateway)).toContain('SUBGRAPH_UNAVAILABLE')
  })
})
