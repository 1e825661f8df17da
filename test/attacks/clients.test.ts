import { createHash, randomBytes } from 'node:crypto'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { GraphQLClient } from 'graphql-request'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type AuthUnderTest, startAuth } from '../auth/auth-under-test.ts'
import { createVisitor } from '../auth/visitor.ts'
import { root } from '../e2e/product.ts'
import { whileRepeating } from '../e2e/while-repeating.ts'
import { demoSecret } from '../storage/demo-database.ts'

const run = promisify(execFile)

let auth: AuthUnderTest
let adjustments: readonly object[]
beforeAll(async () => {
  auth = await startAuth()
  const query = '{ inventoryLevels(first: 20) { nodes { available sku { id } location { id } } } }'
  const { data } = await auth.ask(auth.operator, query)
  const levels = data.inventoryLevels.nodes as { available: number; sku: { id: string }; location: { id: string } }[]
  const level = levels.find(({ available }) => available > 20)
  adjustments = [{ skuId: level?.sku.id, locationId: level?.location.id, delta: -1, reason: 'SALE' }]
})
afterAll(() => auth[Symbol.asyncDispose]())

const scope = 'partner:read inventory:read catalog:read'

async function tokenOf(fields: Readonly<Record<string, string>>, app: { id: string; key: string }): Promise<string> {
  const headers = { authorization: `Basic ${Buffer.from(`${app.id}:${app.key}`).toString('base64')}` }
  const response = await fetch(`${auth.url}/oauth/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(fields),
  })
  const { access_token: token } = (await response.json()) as { access_token?: string }
  if (token === undefined) throw new Error(`no token: ${response.status}`)
  return token
}

/** Lets the demo's person sign in and allow an app to act for it. */
async function tokenOfPerson(): Promise<string> {
  const app = await auth.register({ name: 'A client', scopes: scope.split(' '), clientType: 'CONFIDENTIAL' })
  const verifier = randomBytes(32).toString('base64url')
  const request = new URLSearchParams({
    client_id: app.id,
    redirect_uri: app.redirectUri,
    response_type: 'code',
    scope,
    state: 'st',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const visitor = createVisitor(auth.url)
  const page = await visitor.open(`${auth.url}/oauth/authorize?${request.toString()}`)
  const { email, password } = auth.person
  const consent = await visitor.submit(page, { email, password, action: 'sign-in' })
  const { left } = await visitor.submit(consent, { action: 'allow' })
  const code = left?.searchParams.get('code') ?? ''
  const grant = { grant_type: 'authorization_code', code, redirect_uri: app.redirectUri, code_verifier: verifier }
  return tokenOf(grant, app)
}

/** What `npm run token` prints for an app. */
async function tokenOfOperator(appId: string): Promise<string> {
  const env = { ...process.env, DATA_DIR: auth.dataDir, TRIBUTARY_SECRET: demoSecret }
  const { stdout } = await run(process.execPath, ['dist/gateway/issue-token.js', '--app', appId], { cwd: root, env })
  return stdout.trim()
}

interface Credential {
  readonly headers: Readonly<Record<string, string>>
  readonly init: Readonly<Record<string, string>>
}
const bearer = (token: string): Credential => ({
  headers: { authorization: `Bearer ${token}` },
  init: { authorization: `Bearer ${token}` },
})
const credentials: Readonly<Record<string, () => Promise<Credential>>> = {
  'app id and key': async () => {
    const { appId, key } = auth.portal
    return { headers: { 'x-tributary-app': appId, 'x-tributary-key': key }, init: { appId, key } }
  },
  'a token of npm run token': async () => bearer(await tokenOfOperator(auth.portal.appId)),
  'a token of the app by client credentials': async () =>
    bearer(await tokenOf({ grant_type: 'client_credentials', scope }, { id: auth.portal.appId, key: auth.portal.key })),
  'a token of a person': async () => bearer(await tokenOfPerson()),
}

describe.each(Object.entries(credentials))('with %s', (_name, credential) => {
  it('graphql-request asks and graphql-ws follows', async () => {
    const { headers, init } = await credential()
    const client = new GraphQLClient(`${auth.url}/graphql`, { headers })
    const answer = await client.request<{ myOrganization: { name: string } }>('{ myOrganization { name } }')
    expect(answer).toEqual({ myOrganization: { name: 'Northwind IT Solutions' } })
    const refused = client.request('{ myOrganization { nothing } }')
    await expect(refused).rejects.toMatchObject({
      response: { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    })

    const sockets = createClient({
      url: `${auth.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: init,
      retryAttempts: 0,
    })
    const asked = await sockets.iterate({ query: '{ myOrganization { name } }' }).next()
    expect(asked.value).toMatchObject({ data: answer })
    const query = 'subscription { inventoryChanged { reason delta level { sku { name } } } }'
    const event = await whileRepeating(sockets.iterate({ query }).next(), sellOne)
    expect(event.value).toMatchObject({
      data: { inventoryChanged: { reason: 'SALE', delta: -1, level: { sku: { name: expect.any(String) } } } },
    })
    await sockets.dispose()
  })
})

async function sellOne(): Promise<void> {
  const query = `mutation ($adjustments: [InventoryAdjustmentInput!]!) {
    adjustInventory(input: { adjustments: $adjustments }) { userErrors { code } } }`
  const { data, errors } = await auth.ask(auth.operator, query, { adjustments })
  expect(data?.adjustInventory, JSON.stringify(errors)).toEqual({ userErrors: [] })
}
