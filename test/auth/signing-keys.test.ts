import { type JWK, SignJWT, createLocalJWKSet, importJWK, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { createAuthModels, prepareAuth } from '../../auth/store/models.ts'
import { createSeal } from '../../auth/store/seal.ts'
import { createSigningKeys, keptMs, publishedAheadMs, rotationMs } from '../../auth/store/signing-keys.ts'
import { openTestDatabase } from '../storage/test-database.ts'

const begin = Math.ceil(Date.parse('2026-11-18T00:00:00Z') / rotationMs) * rotationMs

async function openKeys() {
  const database = await openTestDatabase()
  const models = createAuthModels(await database.connect())
  await prepareAuth(models)
  const clock = { ms: begin }
  const of = (secret: number) =>
    createSigningKeys({ models, seal: createSeal(Buffer.alloc(32, secret)), now: () => new Date(clock.ms) })
  return { models, clock, of, keys: of(1), [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() }
}

describe('signing keys', () => {
  it('are one of ES256 and one of RS256, the same for every process that begins at once', async () => {
    await using store = await openKeys()
    const sets = await Promise.all(Array.from({ length: 6 }, () => store.of(1).current()))
    expect(new Set(sets.map(({ version }) => version)).size).toBe(1)
    expect(sets[0]?.publicJwks.keys.map(({ alg }) => alg)).toEqual(['ES256', 'RS256'])
    expect(await store.models.keys.countDocuments()).toBe(2)
  })

  it('are published without their private parts', async () => {
    await using store = await openKeys()
    const { publicJwks } = await store.keys.current()
    const told = JSON.stringify([publicJwks, await store.keys.published()])
    expect(told).not.toMatch(/"(d|p|q|dp|dq|qi)":/)
  })

  it('cannot be read with another secret', async () => {
    await using store = await openKeys()
    await store.keys.current()
    await expect(store.of(2).current()).rejects.toThrow()
  })

  it('follow each other: a new one is published before it signs, an old one verifies until its tokens are gone', async () => {
    await using store = await openKeys()
    const first = await store.keys.current()
    const token = await signWith(first.jwks.keys, first.signing.ES256)

    store.clock.ms = begin + rotationMs
    const announced = await store.keys.current()
    expect(announced.publicJwks.keys).toHaveLength(4)
    expect(announced.signing).toEqual(first.signing)

    store.clock.ms += publishedAheadMs
    const changed = await store.keys.current()
    expect(changed.signing.ES256).not.toBe(first.signing.ES256)
    expect(changed.jwks.keys[0]?.kid).toBe(changed.signing.ES256)
    await jwtVerify(token, createLocalJWKSet(await store.keys.published()), { currentDate: new Date(begin) })

    store.clock.ms += keptMs
    const last = await store.keys.current()
    expect(last.publicJwks.keys.map(({ kid }) => kid)).toEqual([changed.signing.ES256, changed.signing.RS256])
    const verifying = jwtVerify(token, createLocalJWKSet(await store.keys.published()), {
      currentDate: new Date(begin),
    })
    await expect(verifying).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' })
  })
})

async function signWith(keys: readonly JWK[], kid: string): Promise<string> {
  const jwk = keys.find((key) => key.kid === kid)
  if (jwk === undefined) throw new Error(`there is no key ${kid}`)
  const issuedAt = begin / 1000
  return new SignJWT({ iat: issuedAt, exp: issuedAt + 300 })
    .setProtectedHeader({ alg: 'ES256', kid })
    .sign(await importJWK(jwk, 'ES256'))
}
