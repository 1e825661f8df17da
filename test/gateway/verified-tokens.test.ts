import { generateKeyPairSync } from 'node:crypto'
import { type JWK, SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { createAccessTokens } from '../../gateway/identity/access-token.ts'
import { createIssuerTokens } from '../../gateway/identity/issuer-tokens.ts'
import { createVerifiedTokens } from '../../gateway/identity/verified-tokens.ts'

const start = Date.parse('2026-11-18T10:20:30.000Z')

/** A gateway's memory of tokens, with an issuer and a clock that a test holds in its hands. */
function createTestTokens() {
  const clock = { ms: start }
  const keys = { first: keyPair(), second: keyPair() }
  const issuer = { published: ['first'] as ('first' | 'second')[], revoked: [] as string[], reachable: true }
  const now = () => new Date(clock.ms)
  const answer = async <Value>(value: Value): Promise<Value> => {
    if (!issuer.reachable) throw new Error('out of reach')
    return value
  }
  const issuerTokens = createIssuerTokens(
    {
      issuer: () => 'https://auth.example',
      keys: () => answer({ keys: issuer.published.map((kid): JWK => ({ ...keys[kid].jwk, kid })) }),
      revoked: () => answer([...issuer.revoked]),
    },
    { now, nowMs: () => clock.ms },
  )
  let verified = 0
  const tokens = createVerifiedTokens({
    accessTokens: createAccessTokens(Buffer.alloc(32), now),
    issuerTokens: {
      ...issuerTokens,
      verify(token) {
        verified += 1
        return issuerTokens.verify(token)
      },
    },
    now,
  })
  const sign = (jti: string, kid: 'first' | 'second' = 'first'): Promise<string> => {
    const iat = Math.floor(clock.ms / 1_000)
    return new SignJWT({ client_id: 'app_1', scope: 'catalog:read', gid: `grant of ${jti}` })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
      .setIssuer('https://auth.example')
      .setAudience('urn:tributary:graph')
      .setSubject('mem_1')
      .setJti(jti)
      .setIssuedAt(iat)
      .setExpirationTime(iat + 300)
      .sign(keys[kid].privateKey)
  }
  return { tokens, sign, issuer, clock, verifications: () => verified }
}

function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { privateKey, jwk: { ...(publicKey.export({ format: 'jwk' }) as JWK), alg: 'ES256', use: 'sig' } }
}

it('verifies the signature of a token once', async () => {
  const { tokens, sign, verifications } = createTestTokens()
  const token = await sign('tok_1')
  const first = await tokens.verify(token)
  expect(first).toMatchObject({ appId: 'app_1', memberId: 'mem_1', scopes: ['catalog:read'] })
  for (let time = 0; time < 100; time += 1) expect(await tokens.verify(token)).toBe(first)
  expect(verifications()).toBe(1)
  await tokens.verify(await sign('tok_2'))
  expect(verifications()).toBe(2)
})

it.each(['tok_1', 'grant of tok_1'])(
  'refuses a token that it knows within half a second of the revocation of %s',
  async (id) => {
    const { tokens, sign, issuer, clock } = createTestTokens()
    const [token, other] = [await sign('tok_1'), await sign('tok_2')]
    await tokens.verify(token)
    await tokens.verify(other)
    issuer.revoked.push(id)
    clock.ms += 500
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await tokens.verify(other)
  },
)

it('refuses a token that it knows when its key is published no more', async () => {
  const { tokens, sign, issuer, clock } = createTestTokens()
  const token = await sign('tok_1')
  await tokens.verify(token)
  issuer.published = ['second']
  clock.ms += 1_000
  // A token of a key that is not known makes the keys be read.
  const other = await sign('tok_2', 'second')
  await tokens.verify(other)
  await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  await tokens.verify(other)
})

it('refuses a token that it knows when its time is over', async () => {
  const { tokens, sign, clock } = createTestTokens()
  const token = await sign('tok_1')
  await tokens.verify(token)
  clock.ms += 304_000
  await tokens.verify(token)
  clock.ms += 2_000
  expect(tokens.knows(token)).toBe(false)
  await expect(tokens.verify(token)).rejects.toMatchObject({ message: 'The access token has expired.' })
})

it('goes on for half a minute without the authorization server, and then takes nothing', async () => {
  const { tokens, sign, issuer, clock } = createTestTokens()
  const token = await sign('tok_1')
  await tokens.verify(token)
  issuer.reachable = false
  clock.ms += 29_000
  await tokens.verify(token)
  clock.ms += 2_000
  await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' })
  issuer.reachable = true
  await tokens.verify(token)
})
