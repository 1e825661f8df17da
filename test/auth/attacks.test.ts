import { createHmac, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import { SignJWT, UnsecuredJWT, decodeJwt, decodeProtectedHeader, exportJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuthUnderTest, type RegisteredApp, startAuth } from './auth-under-test.ts'
import { type Stop, createVisitor } from './visitor.ts'

const verifier = 'a-verifier-that-is-long-enough-for-the-standard-0123456789'
const challenge = 'TklMeVooZjbHjWLoYsO_8TlVcFAO2QGJj-D0QCA1u2w'

let auth: AuthUnderTest
let app: RegisteredApp
let other: RegisteredApp

beforeAll(async () => {
  auth = await startAuth()
  const organizationId = (await auth.ask(auth.portal, '{ myOrganization { id } }')).data.myOrganization.id as string
  const fields = { organizationId, scopes: ['catalog:read', 'partner:read'], clientType: 'CONFIDENTIAL' } as const
  app = await auth.register({ name: 'Honest app', ...fields })
  other = await auth.register({ name: 'Other app', ...fields, redirectUri: 'https://other.example/callback' })
})
afterAll(() => auth[Symbol.asyncDispose]())

describe('a forged access token is refused', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const altered = async (claims: object, header: object = {}) => {
    const { token } = await ownToken()
    return new SignJWT({ ...decodeJwt(token), ...claims })
      .setProtectedHeader({ ...(decodeProtectedHeader(token) as { alg: string }), ...header })
      .sign(privateKey)
  }
  it.each<[string, () => Promise<string>]>([
    ['without a signature', async () => new UnsecuredJWT(decodeJwt((await ownToken()).token)).encode()],
    ['signed by a key of the attacker under the name of ours', () => altered({})],
    ['with another issuer', () => altered({ iss: 'https://evil.example' })],
    ['of an unknown key', () => altered({}, { kid: 'nobody' })],
    ['without the name of a key', () => altered({}, { kid: undefined })],
    ['that brings its key', async () => altered({}, { jwk: await exportJWK(publicKey) })],
    ['that says where its key is', () => altered({}, { jku: 'https://evil.example/jwks' })],
    ['that names a certificate', () => altered({}, { x5u: 'https://evil.example/cert' })],
    [
      'signed by HMAC with the public key',
      async () => {
        const { token } = await ownToken()
        const key = (await publishedKeys()).find(({ alg }) => alg === 'ES256')
        const pem = createPublicKey({ key: key as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
        const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'at+jwt', kid: key?.kid })).toString('base64url')
        const input = `${header}.${token.split('.')[1]}`
        return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`
      },
    ],
    [
      'whose claims were changed',
      async () => {
        const { token } = await ownToken()
        const [header, , signature] = token.split('.')
        const claims = Buffer.from(JSON.stringify({ ...decodeJwt(token), scope: 'deals:decide' })).toString('base64url')
        return `${header}.${claims}.${signature}`
      },
    ],
  ])('%s', async (_what, forge) => {
    expect(await codeOf(await forge())).toBe('UNAUTHENTICATED')
  })

  it('and the genuine one is not, so that each refusal has its cause', async () => {
    expect(await codeOf((await ownToken()).token)).toBeUndefined()
  })
})

describe('a code', () => {
  it('is worth something once; used again, it takes back what it gave', async () => {
    const code = await codeFor(app)
    const first = await redeem(app, code)
    expect(first.status).toBe(200)
    expect((await redeem(app, code)).body).toMatchObject({ error: 'invalid_grant' })
    await expect.poll(() => codeOf(String(first.body['access_token'])), { timeout: 2_000 }).toBe('UNAUTHENTICATED')
  })

  it('is worth nothing to another app, with another verifier, or with another address', async () => {
    expect((await redeem(other, await codeFor(app))).body).toMatchObject({ error: 'invalid_grant' })
    const wrong = { code_verifier: `${verifier}x` }
    expect((await redeem(app, await codeFor(app), wrong)).body).toMatchObject({ error: 'invalid_grant' })
    const elsewhere = { redirect_uri: 'http://127.0.0.1:8976/other' }
    expect((await redeem(app, await codeFor(app), elsewhere)).body).toMatchObject({ error: 'invalid_grant' })
  })
})

describe('a request for a code', () => {
  it.each([
    ['with a path below', '/callback/evil'],
    ['with another case', '/Callback'],
    ['with a query', '/callback?next=evil'],
    ['with a fragment', '/callback#evil'],
    ['that climbs', '/callback/../callback'],
    ['encoded', '/callb%61ck'],
  ])('never sends anybody to a redirect URI %s', async (_what, path) => {
    const stop = await createVisitor(auth.url).open(requestUrl(app, { redirect_uri: `http://127.0.0.1:8976${path}` }))
    expect([stop.left, stop.status]).toEqual([null, 400])
  })

  it.each([
    'http://127.0.0.1:8977/callback',
    'http://127.0.0.1.evil.example/callback',
    'http://localhost:8976/callback',
    'javascript:alert(1)',
    '',
  ])('never sends anybody to %s', async (redirectUri) => {
    const stop = await createVisitor(auth.url).open(requestUrl(app, { redirect_uri: redirectUri }))
    expect([stop.left, stop.status]).toEqual([null, 400])
  })

  it.each<[string, Record<string, string>, string]>([
    ['without PKCE', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
    ['with plain PKCE', { code_challenge: verifier, code_challenge_method: 'plain' }, 'invalid_request'],
    ['for a token in the address', { response_type: 'token' }, 'unsupported_response_type'],
    ['for a scope that the app has not', { scope: 'catalog:read deals:decide' }, 'invalid_scope'],
    ['for a scope that there is not', { scope: 'catalog:read everything' }, 'invalid_scope'],
    ['for no scope of the graph', { scope: 'openid' }, 'invalid_scope'],
    ['for a system scope', { scope: 'system:identity' }, 'invalid_scope'],
    ['for another resource', { resource: 'https://elsewhere.example/' }, 'invalid_target'],
  ])('%s is refused, and the app told by whom', async (_what, changes, error) => {
    const { left } = await createVisitor(auth.url).open(requestUrl(app, changes))
    // Where a token would have been in the fragment, the error is.
    const told = new URLSearchParams(left?.search || left?.hash.slice(1))
    expect(Object.fromEntries(told)).toMatchObject({ error, iss: auth.url, state: 'st' })
    expect([told.has('code'), told.has('access_token')]).toEqual([false, false])
  })
})

describe('no grant gives more than the app has', () => {
  it.each(['deals:decide', 'catalog:read deals:decide', 'everything', 'system:identity', 'openid'])(
    'to the app itself: %s',
    async (scope) => {
      const { status, body } = await tokenRequest(app, { grant_type: 'client_credentials', scope })
      expect([status, body['error']]).toEqual([400, 'invalid_scope'])
    },
  )

  it('to a device', async () => {
    const body = new URLSearchParams({ client_id: app.id, client_secret: app.key, scope: 'catalog:read deals:decide' })
    const response = await fetch(`${auth.url}/oauth/device/code`, { method: 'POST', body })
    expect(await response.json()).toMatchObject({ error: 'invalid_scope' })
  })

  it('by a refresh, which may ask for less and never for more', async () => {
    const { body } = await redeem(app, await codeFor(app, 'catalog:read offline_access'))
    const refresh = (scope: string) =>
      tokenRequest(app, { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']), scope })
    expect((await refresh('catalog:read partner:read')).body).toMatchObject({ error: 'invalid_scope' })
    expect((await refresh('catalog:read deals:decide')).body).toMatchObject({ error: 'invalid_scope' })
    expect((await refresh('catalog:read')).body).toMatchObject({ scope: 'catalog:read' })
  })

  it('to another app by a refresh token of this one', async () => {
    const { body } = await redeem(app, await codeFor(app, 'catalog:read offline_access'))
    const stolen = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) }
    expect((await tokenRequest(other, stolen)).body).toMatchObject({ error: 'invalid_grant' })
  })

  it('and another app revokes none of its tokens', async () => {
    const { token } = await ownToken()
    const headers = { authorization: `Basic ${Buffer.from(`${other.id}:${other.key}`).toString('base64')}` }
    const body = new URLSearchParams({ token })
    expect((await fetch(`${auth.url}/oauth/revoke`, { method: 'POST', headers, body })).status).toBe(200)
    const revoked = (await (await fetch(`${auth.url}/oauth/revocations`)).json()) as { revoked: string[] }
    expect(revoked.revoked).not.toContain(decodeJwt(token).jti)
  })
})

describe('the metadata', () => {
  it('names the issuer’s endpoints, whatever the request calls the server', async () => {
    const body = await new Promise<string>((resolve, reject) => {
      const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
      const request = get(`${auth.url}/.well-known/oauth-authorization-server`, { headers }, (response) => {
        text(response).then(resolve, reject)
      })
      request.once('error', reject)
    })
    expect(body).not.toContain('evil.example')
    expect(JSON.parse(body)).toMatchObject({ issuer: auth.url, token_endpoint: `${auth.url}/oauth/token` })
  })
})

describe('the pages', () => {
  it('cannot be framed, run no script, and lead to the app and nowhere else', async () => {
    const { headers } = await createVisitor(auth.url).open(requestUrl(app))
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("form-action 'self' http://127.0.0.1:8976;")
    expect(policy).not.toContain('script-src')
    expect(policy).not.toContain('unsafe')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('cache-control')).toContain('no-store')
  })

  it('take no consent without the token of the form, from another visitor, or from another site', async () => {
    const visitor = createVisitor(auth.url)
    const consent = await signIn(visitor, requestUrl(app))
    expect((await visitor.submit(consent, { action: 'allow', csrf: '' })).status).toBe(403)
    expect((await visitor.submit(consent, { action: 'allow', csrf: 'x'.repeat(43) })).status).toBe(403)
    const fromElsewhere = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    expect((await visitor.submit(consent, { action: 'allow' }, fromElsewhere)).status).toBe(403)
    // Another browser has no cookie of this sign-in, whatever it copied from the page.
    expect((await createVisitor(auth.url).submit(consent, { action: 'allow' })).status).toBe(400)
    expect((await visitor.submit(consent, { action: 'allow' })).left?.searchParams.has('code')).toBe(true)
  })

  it('show an app with a name of markup as text', async () => {
    const named = await auth.register({
      name: '<img src=x onerror=alert(1)>',
      scopes: ['catalog:read'],
      clientType: 'PUBLIC',
    })
    const { html } = await createVisitor(auth.url).open(requestUrl(named, { scope: 'catalog:read' }))
    expect(html).not.toContain('<img')
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;')
  })

  it('tell a wrong password and an unknown person alike, and stop guessing', async () => {
    const visitor = createVisitor(auth.url)
    const page = await visitor.open(requestUrl(app))
    const attempt = (email: string) => visitor.submit(page, { email, password: 'guess', action: 'sign-in' })
    const known = await attempt(auth.person.email)
    const unknown = await attempt('nobody@northwind.example')
    expect([known.status, unknown.status]).toEqual([401, 401])
    expect(main(known).replace(auth.person.email, '')).toBe(main(unknown).replace('nobody@northwind.example', ''))
    const statuses: number[] = []
    for (let count = 0; count < 11; count++) statuses.push((await attempt('guessed@northwind.example')).status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429])
  })
})

describe('an app of somebody else that acts for a person', () => {
  it('may do no more than the role of the person, whatever she allows it, and less with a lesser role', async () => {
    const scopes = ['partner:read', 'deals:read', 'billing:read', 'webhooks:write']
    const { data } = await auth.ask(auth.operator, '{ myOrganization { id } }')
    const generous = await auth.register({
      name: 'Generous app',
      organizationId: data.myOrganization.id,
      scopes,
      clientType: 'CONFIDENTIAL',
    })
    const { id, visitor } = await newcomer('SALES')
    const page = await visitor.open(requestUrl(generous, { scope: scopes.join(' ') }))
    expect(page.html.replaceAll(/<[^>]+>/g, '').match(/not with your role/g)).toHaveLength(2)
    const { left } = await visitor.submit(page, { action: 'allow' })
    const { body } = await redeem(generous, left?.searchParams.get('code') ?? '')
    const token = `Bearer ${String(body['access_token'])}`
    const denied = async () => {
      const query = '{ dealRegistrations(first: 1) { totalCount } invoices(first: 1) { nodes { id } } }'
      const { errors = [] } = await auth.ask(token, query)
      return errors.map(({ extensions }) => extensions['coordinate'])
    }
    expect(await denied()).toEqual(['Query.invoices'])
    await auth.ask(
      auth.operator,
      `mutation ($id: ID!) { changeMemberRole(input: { id: $id, role: FINANCE }) { userErrors { code } } }`,
      { id },
    )
    await expect.poll(denied, { timeout: 5_000 }).toEqual(['Query.dealRegistrations'])
  })

  it('does not act on with the session of before a new password', async () => {
    const { id, email, visitor } = await newcomer('SALES')
    expect((await visitor.open(requestUrl(app))).html).toContain('Allow Honest app to act for you?')
    await expect
      .poll(
        async () => {
          await choose(await auth.passwordLink(id), 'lantern corn harbour')
          return (await visitor.open(requestUrl(app))).html
        },
        { timeout: 5_000 },
      )
      .toContain('id="password"')
    const page = await visitor.open(requestUrl(app))
    const after = await visitor.submit(page, { email, password: 'lantern corn harbour', action: 'sign-in' })
    expect(after.html).toContain('Allow Honest app to act for you?')
  })
})

describe('a link to choose a password', () => {
  it('lets a member sign in with what it chose, and works once', async () => {
    const { id, email } = await colleague()
    const link = await auth.passwordLink(id)
    const password = 'corn harbour lantern'
    expect((await choose(link, 'too short')).status).toBe(422)
    expect((await choose(link, password, `${password}s`)).status).toBe(422)
    expect((await choose(link, password)).status).toBe(200)
    const visitor = createVisitor(auth.url)
    const page = await visitor.open(requestUrl(app))
    const { html } = await visitor.submit(page, { email, password, action: 'sign-in' })
    expect(html).toContain('Allow Honest app to act for you?')
    expect((await createVisitor(auth.url).open(link)).status).toBe(400)
  })

  it('is worth nothing altered, for another member, or after three days', async () => {
    const { id } = await colleague()
    const link = await auth.passwordLink(id)
    const status = async (changed: string) => (await createVisitor(auth.url).open(changed)).status
    expect(await status(link.replace(id, `${id.slice(0, -1)}0`))).toBe(400)
    expect(await status(`${link}x`)).toBe(400)
    expect(await status(await auth.passwordLink(id, new Date(Date.now() - 3 * 24 * 60 * 60 * 1000)))).toBe(400)
  })
})

describe('the database', () => {
  it('holds no token, code, session or key that anybody could use', async () => {
    const { token } = await ownToken()
    const code = await codeFor(app, 'catalog:read offline_access')
    const { body } = await redeem(app, code)
    const secrets = [token, code, String(body['refresh_token']), auth.person.password]
    const stored = JSON.stringify(await auth.stored())
    expect(stored).toContain('"auth_records"')
    expect(secrets.filter((secret) => stored.includes(secret))).toEqual([])
    expect(stored).not.toMatch(/"d":|"p":|PRIVATE KEY/)
  })
})

/** A new member of Northwind who has signed in. */
async function newcomer(role: string) {
  const email = `${randomUUID()}@northwind.example`
  const { data: invited } = await auth.ask(
    auth.portal,
    `mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { token userErrors { code } } }`,
    { input: { email, role } },
  )
  const { data } = await auth.ask(
    auth.portal,
    `mutation ($token: String!) { acceptInvitation(input: { token: $token, name: "New" }) { member { id } } }`,
    { token: invited.inviteMember.token },
  )
  const { id } = data.acceptInvitation.member
  await choose(await auth.passwordLink(id), 'corn harbour lantern')
  const visitor = createVisitor(auth.url)
  await visitor.submit(await visitor.open(requestUrl(app)), {
    email,
    password: 'corn harbour lantern',
    action: 'sign-in',
  })
  return { id: String(id), email, visitor }
}

async function choose(link: string, password: string, again = password) {
  const visitor = createVisitor(auth.url)
  return visitor.submit(await visitor.open(link), { password, again })
}

async function colleague() {
  const { data } = await auth.ask(auth.portal, '{ members(first: 5) { nodes { id email } } }')
  const found = (data.members.nodes as { id: string; email: string }[]).find(({ email }) => email !== auth.person.email)
  if (found === undefined) throw new Error('Northwind has one member only')
  return found
}

function main(page: Stop): string {
  return page.html.split('<main>')[1]?.replace(/value="[^"]*"/g, '') ?? ''
}

function requestUrl(of: RegisteredApp, changes: Readonly<Record<string, string>> = {}): string {
  const fields = {
    client_id: of.id,
    redirect_uri: of.redirectUri,
    response_type: 'code',
    scope: 'catalog:read partner:read',
    state: 'st',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  }
  const given = Object.entries(fields).filter(([, value]) => value !== '')
  return `${auth.url}/oauth/authorize?${new URLSearchParams(given).toString()}`
}

async function signIn(visitor: ReturnType<typeof createVisitor>, url: string): Promise<Stop> {
  const page = await visitor.open(url)
  return visitor.submit(page, { email: auth.person.email, password: auth.person.password, action: 'sign-in' })
}

async function codeFor(of: RegisteredApp, scope = 'catalog:read partner:read'): Promise<string> {
  const visitor = createVisitor(auth.url)
  const { left } = await visitor.submit(await signIn(visitor, requestUrl(of, { scope })), { action: 'allow' })
  return left?.searchParams.get('code') ?? ''
}

async function tokenRequest(of: RegisteredApp, fields: Record<string, string>) {
  const headers = { authorization: `Basic ${Buffer.from(`${of.id}:${of.key}`).toString('base64')}` }
  const body = new URLSearchParams(fields)
  const response = await fetch(`${auth.url}/oauth/token`, { method: 'POST', headers, body })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

function redeem(of: RegisteredApp, code: string, changes: Readonly<Record<string, string>> = {}) {
  const { redirectUri: redirect_uri } = of
  return tokenRequest(of, { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier, ...changes })
}

async function ownToken(): Promise<{ token: string }> {
  const { body } = await tokenRequest(app, { grant_type: 'client_credentials', scope: 'catalog:read' })
  return { token: String(body['access_token']) }
}

/** The code that the graph answers a token with; undefined when it takes it. */
async function codeOf(token: string): Promise<unknown> {
  const { errors } = await auth.ask(`Bearer ${token}`, '{ products(first: 1) { nodes { id } } }')
  return errors?.[0]?.extensions['code']
}

async function publishedKeys(): Promise<readonly { kid: string; alg: string }[]> {
  const response = await fetch(`${auth.url}/oauth/jwks`)
  return ((await response.json()) as { keys: { kid: string; alg: string }[] }).keys
}
