import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuthUnderTest, type RegisteredApp, startAuth } from './auth-under-test.ts'
import { type Stop, type Visitor, createVisitor } from './visitor.ts'

const insecure = { [oauth.allowInsecureRequests]: true }
const scope = 'catalog:read partner:read'

let auth: AuthUnderTest
let webApp: RegisteredApp
let cli: RegisteredApp
let server: oauth.AuthorizationServer

beforeAll(async () => {
  auth = await startAuth()
  const organizationId = await organizationOf(auth)
  webApp = await auth.register({
    name: 'Quoting',
    organizationId,
    scopes: ['catalog:read', 'partner:read', 'deals:read'],
    clientType: 'CONFIDENTIAL',
  })
  cli = await auth.register({
    name: 'Terminal',
    organizationId,
    scopes: ['catalog:read', 'partner:read'],
    clientType: 'PUBLIC',
  })
  const issuer = new URL(auth.url)
  server = await oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' }),
  )
})
afterAll(() => auth[Symbol.asyncDispose]())

describe('with oauth4webapi', () => {
  it('gives an app a token for itself by its key, which the graph takes', async () => {
    const client = { client_id: auth.portal.appId }
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      oauth.ClientSecretBasic(auth.portal.key),
      { scope },
      insecure,
    )
    const token = await oauth.processClientCredentialsResponse(server, client, response)
    expect(token).toMatchObject({ token_type: 'bearer', expires_in: 300, scope })
    const { data, errors } = await auth.ask(`Bearer ${token.access_token}`, '{ myOrganization { name } }')
    expect(errors).toBeUndefined()
    expect(data.myOrganization.name).toBe('Northwind IT Solutions')
  })

  it('takes every live key of an app and none that was revoked', async () => {
    const ask = (key: string) =>
      oauth
        .clientCredentialsGrantRequest(server, { client_id: webApp.id }, oauth.ClientSecretPost(key), {}, insecure)
        .then(({ status }) => status)
    const { data } = await auth.ask(
      auth.operator,
      `mutation ($id: ID!) { createAppCredential(input: { appId: $id, label: "second" }) { key appCredential { id } } }`,
      { id: webApp.id },
    )
    const { key, appCredential } = data.createAppCredential
    expect([await ask(webApp.key), await ask(key)]).toEqual([200, 200])
    await auth.ask(
      auth.operator,
      `mutation ($id: ID!) { revokeAppCredential(input: { id: $id }) { userErrors { code } } }`,
      {
        id: appCredential.id,
      },
    )
    expect([await ask(webApp.key), await ask(key)]).toEqual([200, 401])
  })

  it('ends the tokens that were got with a key when the key is revoked, and no others', async () => {
    const { data } = await auth.ask(
      auth.operator,
      `mutation ($id: ID!) { createAppCredential(input: { appId: $id, label: "leaked" }) { key appCredential { id } } }`,
      { id: webApp.id },
    )
    const { key: leaked, appCredential } = data.createAppCredential
    const tokenBy = async (key: string) => {
      const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'catalog:read' })
      const response = await fetch(`${auth.url}/oauth/token`, {
        method: 'POST',
        body,
        headers: basic({ ...webApp, key }),
      })
      return ((await response.json()) as { access_token: string }).access_token
    }
    const [stolen, kept] = [await tokenBy(leaked), await tokenBy(webApp.key)]
    expect([await codeOf(`Bearer ${stolen}`), await codeOf(`Bearer ${kept}`)]).toEqual([undefined, undefined])
    await auth.ask(
      auth.operator,
      `mutation ($id: ID!) { revokeAppCredential(input: { id: $id }) { userErrors { code } } }`,
      {
        id: appCredential.id,
      },
    )
    await expect.poll(() => codeOf(`Bearer ${stolen}`), { timeout: 3_000 }).toBe('UNAUTHENTICATED')
    expect(await codeOf(`Bearer ${kept}`)).toBeUndefined()
  })

  it('lets a person sign in and consent, tells who answers, and gives tokens for the person', async () => {
    const { token, response } = await authorize(webApp, { scope })
    expect(response.get('iss')).toBe(auth.url)
    expect(token).toMatchObject({ token_type: 'bearer', scope })
    expect(token.refresh_token).toBeUndefined()
    const { data } = await auth.ask(`Bearer ${token.access_token}`, '{ myOrganization { name } }')
    // The app is Fjordline's; the person is Northwind's.
    expect(data.myOrganization.name).toBe('Northwind IT Solutions')
    const consents = await auth.ask(
      auth.portal,
      `query ($appId: ID!) { consents(appId: $appId) { nodes { scopes status member { email } } } }`,
      { appId: webApp.id },
    )
    expect(consents.data.consents.nodes).toEqual([
      { scopes: ['catalog:read', 'partner:read'], status: 'ACTIVE', member: { email: auth.person.email } },
    ])
  })

  it('asks no second time for what was granted, and again for more', async () => {
    const visitor = createVisitor(auth.url)
    await authorize(webApp, { scope, visitor })
    const again = await visitor.open((await begin(webApp, { scope })).url)
    expect(again.left?.searchParams.get('code')).toEqual(expect.any(String))
    const more = await visitor.open((await begin(webApp, { scope: `${scope} deals:read` })).url)
    expect(more.html).toContain('Allow Quoting to act for you?')
    expect(more.html).toContain('Read your organization&#39;s deal registrations, leads and opportunities')
  })

  it('rotates refresh tokens, and ends the grant when one is used twice', async () => {
    const { token } = await authorize(webApp, { scope: `${scope} offline_access` })
    const refresh = async (refreshToken: string) => {
      const client = { client_id: webApp.id }
      const response = await oauth.refreshTokenGrantRequest(
        server,
        client,
        oauth.ClientSecretBasic(webApp.key),
        refreshToken,
        insecure,
      )
      return oauth.processRefreshTokenResponse(server, client, response)
    }
    const second = await refresh(token.refresh_token ?? '')
    expect(second.refresh_token).not.toBe(token.refresh_token)
    expect(await codeOf(`Bearer ${second.access_token}`)).toBeUndefined()
    await expect(refresh(token.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' })
    await expect(refresh(second.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' })
    await expect.poll(() => codeOf(`Bearer ${second.access_token}`), { timeout: 2_000 }).toBe('UNAUTHENTICATED')
  })

  it('gives one of two that refresh at once nothing, and ends the grant', async () => {
    const { token } = await authorize(webApp, { scope: `${scope} offline_access` })
    const twice = await Promise.all(
      [1, 2].map(async () => {
        const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token.refresh_token ?? '' })
        const response = await fetch(`${auth.url}/oauth/token`, { method: 'POST', body, headers: basic(webApp) })
        return { status: response.status, body: (await response.json()) as { refresh_token?: string } }
      }),
    )
    expect(twice.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400])
    const { refresh_token: left = '' } = twice.find(({ status }) => status === 200)?.body ?? {}
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: left })
    expect((await fetch(`${auth.url}/oauth/token`, { method: 'POST', body, headers: basic(webApp) })).status).toBe(400)
  })

  it('revokes an access token, and with a refresh token all that came of the grant, within two seconds', async () => {
    const { token } = await authorize(webApp, { scope: `${scope} offline_access` })
    const { token: other } = await authorize(webApp, { scope })
    const revoke = async (which: string) =>
      oauth.processRevocationResponse(
        await oauth.revocationRequest(
          server,
          { client_id: webApp.id },
          oauth.ClientSecretBasic(webApp.key),
          which,
          insecure,
        ),
      )
    await revoke(other.access_token)
    await expect.poll(() => codeOf(`Bearer ${other.access_token}`), { timeout: 2_000 }).toBe('UNAUTHENTICATED')
    expect(await codeOf(`Bearer ${token.access_token}`)).toBeUndefined()
    await revoke(token.refresh_token ?? '')
    await expect.poll(() => codeOf(`Bearer ${token.access_token}`), { timeout: 2_000 }).toBe('UNAUTHENTICATED')
  })

  it('connects a device whose code the person confirms', async () => {
    const client = { client_id: cli.id }
    const started = await oauth.processDeviceAuthorizationResponse(
      server,
      client,
      await oauth.deviceAuthorizationRequest(
        server,
        client,
        oauth.None(),
        { scope: `${scope} offline_access` },
        insecure,
      ),
    )
    const poll = async () =>
      oauth.processDeviceCodeResponse(
        server,
        client,
        await oauth.deviceCodeGrantRequest(server, client, oauth.None(), started.device_code, insecure),
      )
    await expect(poll()).rejects.toMatchObject({ error: 'authorization_pending' })
    const visitor = createVisitor(auth.url)
    const entry = await visitor.open(started.verification_uri_complete ?? '')
    expect(entry.html).toContain(`value="${started.user_code}"`)
    const confirm = await visitor.submit(entry, { user_code: started.user_code })
    expect(confirm.html).toContain('Terminal')
    const signIn = await visitor.submit(confirm, { confirm: 'yes' })
    const done = await visitor.submit(await signedIn(visitor, signIn), { action: 'allow' })
    expect(done.html).toContain('The device is connected')
    const token = await poll()
    expect(await codeOf(`Bearer ${token.access_token}`)).toBeUndefined()
    expect(token.refresh_token).toEqual(expect.any(String))
    await expect(poll()).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it('tells a device that the person has cancelled', async () => {
    const client = { client_id: cli.id }
    const response = await oauth.deviceAuthorizationRequest(server, client, oauth.None(), { scope }, insecure)
    const started = await oauth.processDeviceAuthorizationResponse(server, client, response)
    const visitor = createVisitor(auth.url)
    const entry = await visitor.open(started.verification_uri)
    const confirm = await visitor.submit(entry, { user_code: started.user_code.toLowerCase().replace('-', ' ') })
    await visitor.submit(confirm, { abort: 'yes' })
    const polled = await oauth.deviceCodeGrantRequest(server, client, oauth.None(), started.device_code, insecure)
    await expect(oauth.processDeviceCodeResponse(server, client, polled)).rejects.toMatchObject({
      error: 'access_denied',
    })
  })
})

describe('with openid-client', () => {
  it('discovers the server by OpenID Connect, gets a token and says who signed in', async () => {
    const config = await openid.discovery(
      new URL(auth.url),
      webApp.id,
      undefined,
      openid.ClientSecretBasic(webApp.key),
      { execute: [openid.allowInsecureRequests] },
    )
    const verifier = openid.randomPKCECodeVerifier()
    const state = openid.randomState()
    const nonce = openid.randomNonce()
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: webApp.redirectUri,
      scope: `openid ${scope}`,
      state,
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const visitor = createVisitor(auth.url)
    const left = await throughPages(visitor, url.href)
    const tokens = await openid.authorizationCodeGrant(config, left, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
    })
    expect(tokens.claims()?.sub).toMatch(/^mem_/)
    expect(await codeOf(`Bearer ${tokens.access_token}`)).toBeUndefined()
    // An id token tells who signed in; it opens nothing.
    expect(await codeOf(`Bearer ${tokens.id_token}`)).toBe('UNAUTHENTICATED')
  })

  it('lets a public app act for people, by PKCE alone, and never for itself', async () => {
    const config = await openid.discovery(new URL(auth.url), cli.id, undefined, openid.None(), {
      execute: [openid.allowInsecureRequests],
      algorithm: 'oauth2',
    })
    const verifier = openid.randomPKCECodeVerifier()
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: cli.redirectUri,
      scope,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const visitor = createVisitor(auth.url)
    const left = await throughPages(visitor, url.href)
    const tokens = await openid.authorizationCodeGrant(config, left, { pkceCodeVerifier: verifier })
    expect(await codeOf(`Bearer ${tokens.access_token}`)).toBeUndefined()
    await expect(openid.clientCredentialsGrant(config, { scope })).rejects.toMatchObject({ error: 'invalid_request' })
    // Anybody can pose as a public app, so that a person is asked each time.
    expect((await visitor.open(url.href)).html).toContain('Allow Terminal to act for you?')
  })
})

describe('what a person allows', () => {
  it('ends with the consent: tokens within two seconds, refresh tokens at once', async () => {
    const app = await auth.register({
      name: 'Taken back',
      organizationId: await organizationOf(auth),
      scopes: ['catalog:read'],
      clientType: 'CONFIDENTIAL',
    })
    const { token } = await authorize(app, { scope: 'catalog:read offline_access' })
    expect(await codeOf(`Bearer ${token.access_token}`)).toBeUndefined()
    const { data } = await auth.ask(auth.portal, `query ($id: ID!) { consents(appId: $id) { nodes { id } } }`, {
      id: app.id,
    })
    await auth.ask(auth.portal, `mutation ($id: ID!) { revokeConsent(input: { id: $id }) { userErrors { code } } }`, {
      id: data.consents.nodes[0].id,
    })
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token.refresh_token ?? '' })
    expect((await fetch(`${auth.url}/oauth/token`, { method: 'POST', body, headers: basic(app) })).status).toBe(400)
    await expect.poll(() => codeOf(`Bearer ${token.access_token}`), { timeout: 3_000 }).toBe('UNAUTHENTICATED')
  })

  it('ends when the person leaves the organization, without anybody telling the authorization server', async () => {
    const { data } = await auth.ask(auth.portal, '{ members(first: 5) { nodes { id email } } }')
    const member = (data.members.nodes as { id: string; email: string }[]).find(
      ({ email }) => email !== auth.person.email,
    )
    if (member === undefined) throw new Error('Northwind has one member only')
    const password = 'corn harbour lantern'
    const visitor = createVisitor(auth.url)
    await visitor.submit(await visitor.open(await auth.passwordLink(member.id)), { password, again: password })
    const { token } = await authorize(webApp, { scope: `${scope} offline_access`, person: { ...member, password } })
    expect(await codeOf(`Bearer ${token.access_token}`)).toBeUndefined()
    const left = await auth.ask(
      auth.portal,
      'mutation ($id: ID!) { deactivateMember(input: { id: $id }) { userErrors { code } } }',
      { id: member.id },
    )
    expect(left.data.deactivateMember.userErrors).toEqual([])
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token.refresh_token ?? '' })
    expect((await fetch(`${auth.url}/oauth/token`, { method: 'POST', body, headers: basic(webApp) })).status).toBe(400)
    await expect.poll(() => codeOf(`Bearer ${token.access_token}`), { timeout: 3_000 }).toBe('UNAUTHENTICATED')
    const again = createVisitor(auth.url)
    const refused = await signedIn(again, await again.open((await begin(webApp, { scope })).url), {
      ...member,
      password,
    })
    expect([refused.status, refused.left]).toEqual([401, null])
  })

  it('can be refused, which the app is told', async () => {
    const visitor = createVisitor(auth.url)
    const { url, state } = await begin(webApp, { scope: `${scope} deals:read` })
    const consent = await signedIn(visitor, await visitor.open(url))
    const { left } = await visitor.submit(consent, { action: 'refuse' })
    expect(Object.fromEntries(left?.searchParams ?? [])).toMatchObject({ error: 'access_denied', state, iss: auth.url })
  })
})

async function organizationOf(of: AuthUnderTest): Promise<string> {
  const { data } = await of.ask(of.operator, '{ organizations(search: "Fjordline") { nodes { id } } }')
  return data.organizations.nodes[0].id
}

/** The code that the graph answers a token with; undefined when it takes it. */
async function codeOf(authorization: string): Promise<unknown> {
  const { errors } = await auth.ask(authorization, '{ products(first: 1) { nodes { id } } }')
  return errors?.[0]?.extensions['code']
}

function basic({ id, key }: RegisteredApp): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${id}:${key}`).toString('base64')}` }
}

async function begin(app: RegisteredApp, wanted: { scope: string }) {
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const parameters = {
    client_id: app.id,
    redirect_uri: app.redirectUri,
    response_type: 'code',
    scope: wanted.scope,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }
  return { verifier, state, url: `${server.authorization_endpoint}?${new URLSearchParams(parameters).toString()}` }
}

interface Person {
  readonly email: string
  readonly password: string
}

/** The page after the sign-in, which is passed where it is shown. */
async function signedIn(visitor: Visitor, page: Stop, person: Person = auth.person): Promise<Stop> {
  if (!page.html.includes('id="password"')) return page
  return visitor.submit(page, { email: person.email, password: person.password, action: 'sign-in' })
}

async function throughPages(visitor: Visitor, url: string, person?: Person): Promise<URL> {
  let stop = await signedIn(visitor, await visitor.open(url), person)
  if (stop.left === null) stop = await visitor.submit(stop, { action: 'allow' })
  if (stop.left === null) throw new Error(`no way back to the app: ${stop.status} ${stop.html.split('<main>')[1]}`)
  return stop.left
}

async function authorize(app: RegisteredApp, options: { scope: string; visitor?: Visitor; person?: Person }) {
  const { verifier, state, url } = await begin(app, options)
  const left = await throughPages(options.visitor ?? createVisitor(auth.url), url, options.person)
  const client = { client_id: app.id }
  const response = oauth.validateAuthResponse(server, client, left, state)
  const answer = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.ClientSecretBasic(app.key),
    response,
    app.redirectUri,
    verifier,
    insecure,
  )
  return { response, token: await oauth.processAuthorizationCodeResponse(server, client, answer) }
}
