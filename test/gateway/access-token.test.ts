import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { SignJWT, type JWTPayload, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { createAccessTokens } from '../../gateway/identity/access-token.ts'
import { accessTokenLifetimeSeconds } from '../../kit/access-token-issuer.ts'
import { isCodedError } from '../../kit/errors.ts'

const now = new Date('2026-11-18T10:20:30.000Z')
const seconds = now.getTime() / 1000
const secret = Buffer.alloc(32, 3)
const tokens = createAccessTokens(secret, () => now)
const claims = { appId: 'app_1', tokenId: 'tok_1', scopes: ['catalog:read', 'deals:read'], endUserId: 'usr_1' }

/** The key that the tokens are signed with, made anew from its secret: an attacker has at most the public half. */
const privateKey = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), secret]),
  format: 'der',
  type: 'pkcs8',
})
const publicKey = createPublicKey(privateKey)

const payload: JWTPayload = {
  iss: 'tributary',
  aud: 'tributary',
  sub: 'usr_1',
  client_id: 'app_1',
  scope: 'catalog:read',
  jti: 'tok_1',
  iat: seconds,
  exp: seconds + accessTokenLifetimeSeconds,
}

function sign(
  altered: Readonly<Record<string, unknown>> = {},
  { header = {}, key = privateKey }: { header?: { alg?: string; typ?: string }; key?: KeyObject | Uint8Array } = {},
): Promise<string> {
  return new SignJWT({ ...payload, ...altered })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', ...header })
    .sign(key)
}

/** A gateway's view of tokens so many seconds after they were issued. */
const at = (offset: number) => createAccessTokens(secret, () => new Date(now.getTime() + offset * 1_000))

async function refusalOf(token: string): Promise<string> {
  const error: unknown = await tokens.verify(token).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isCodedError(error)) throw new Error('the token was accepted', { cause: error })
  expect(error.extensions).toEqual({ code: 'UNAUTHENTICATED' })
  return error.message
}

describe('an access token', () => {
  it('says what it was issued for', async () => {
    const expiresAt = now.getTime() + accessTokenLifetimeSeconds * 1_000
    expect(await tokens.verify(await tokens.issue(claims))).toEqual({ ...claims, expiresAt })
    const own = { ...claims, endUserId: null }
    expect(await tokens.verify(await tokens.issue(own))).toEqual({ ...own, expiresAt })
  })

  it('may be for all that its app has, which a text with a star among others is not', async () => {
    const all = { ...claims, scopes: null }
    expect(await tokens.verify(await tokens.issue(all))).toMatchObject({ scopes: null })
    const some = { ...claims, scopes: ['catalog:read', '*'] }
    expect(await tokens.verify(await tokens.issue(some))).toMatchObject({ scopes: ['catalog:read', '*'] })
  })

  it('is accepted by every gateway with the same secret and by none with another', async () => {
    const token = await tokens.issue(claims)
    expect(await createAccessTokens(Buffer.from(secret), () => now).verify(token)).toMatchObject(claims)
    await expect(createAccessTokens(Buffer.alloc(32, 4), () => now).verify(token)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    })
  })

  it('is as this test makes them, so that the refusals below have one cause each', async () => {
    expect(await tokens.verify(await sign())).toMatchObject({ appId: 'app_1', endUserId: 'usr_1' })
  })

  it.each<[string, () => Promise<string> | string]>([
    ['without a signature (alg none)', () => new UnsecuredJWT(payload).encode()],
    [
      'with alg none and the signature of another',
      async () => `${encode({ alg: 'none' })}.${(await sign()).split('.').slice(1).join('.')}`,
    ],
    ['signed by HMAC with the public key as PEM', () => hmacToken(publicKey.export({ type: 'spki', format: 'pem' }))],
    ['signed by HMAC with the public key as DER', () => hmacToken(publicKey.export({ type: 'spki', format: 'der' }))],
    [
      'signed by HMAC with the raw public key',
      () => hmacToken(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')),
    ],
    ['of another Ed25519 key', () => sign({}, { key: generateKeyPairSync('ed25519').privateKey })],
    [
      'of an RSA key',
      () => sign({}, { header: { alg: 'RS256' }, key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }),
    ],
    ['that is an id token', () => sign({}, { header: { typ: 'JWT' } })],
    ['for another audience', () => sign({ aud: 'elsewhere' })],
    ['without an audience', () => sign({ aud: undefined })],
    ['of another issuer', () => sign({ iss: 'https://elsewhere.example' })],
    ['without an issuer', () => sign({ iss: undefined })],
    ['without an end', () => sign({ exp: undefined })],
    ['without a beginning', () => sign({ iat: undefined })],
    ['issued in the future', () => sign({ iat: seconds + 60 })],
    ['not valid yet', () => sign({ nbf: seconds + 60 })],
    ['without an id', () => sign({ jti: undefined })],
    ['without a subject', () => sign({ sub: undefined })],
    ['without an app', () => sign({ client_id: undefined })],
    ['whose app is no text', () => sign({ client_id: 7 })],
    ['whose scopes are a list', () => sign({ scope: ['catalog:read'] })],
    ['with an altered payload', async () => alterPayload(await sign())],
    ['that is cut', async () => (await sign()).slice(0, -10)],
    ['that is no token', () => 'nonsense'],
    ['that is empty', () => ''],
  ])('%s is refused', async (_name, make) => {
    expect(await refusalOf(await make())).toBe('The access token is not valid.')
  })

  it('has expired after five minutes and says so', async () => {
    const token = await tokens.issue(claims)
    expect(await at(accessTokenLifetimeSeconds - 1).verify(token)).toMatchObject(claims)
    await expect(at(accessTokenLifetimeSeconds).verify(token)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'The access token has expired.',
    })
  })

  it('has expired after five minutes whatever end it names', async () => {
    expect(await refusalOf(await sign({ iat: seconds - 301, exp: seconds + 3_600 }))).toBe(
      'The access token has expired.',
    )
  })
})

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** The classic confusion: a verifier that takes the algorithm from the token would use the public key as HMAC secret. */
function hmacToken(key: string | Buffer): string {
  const signed = `${encode({ alg: 'HS256', typ: 'at+jwt' })}.${encode(payload)}`
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
}

function alterPayload(token: string): string {
  const [header, , signature] = token.split('.')
  return [header, encode({ ...payload, scope: 'catalog:read billing:read' }), signature].join('.')
}
