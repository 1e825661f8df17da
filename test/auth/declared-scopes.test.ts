import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type AuthUnderTest, type RegisteredApp, startAuth } from './auth-under-test.ts'
import { type Stop, type Visitor, createVisitor } from './visitor.ts'

/** Of a subgraph that declares a scope in these words, or none. */
const sdl = (description: string | null) => `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@authenticated", "@requiresScopes"])
  ${description === null ? '' : `@scope(name: "loyalty:read", description: ${JSON.stringify(description)})`}
directive @scope(name: String!, description: String!) repeatable on SCHEMA
"A partner."
type Organization @key(fields: "id") @authenticated {
  "Its id."
  id: ID!
  "What it has earned."
  points: Int ${description === null ? '' : '@requiresScopes(scopes: [["loyalty:read"]])'}
}`
const words = 'See <script>alert(1)</script> "your" points & more'

let auth: AuthUnderTest
let app: RegisteredApp
const visitor = () => createVisitor(auth.url)
let browser: Visitor

beforeAll(async () => {
  auth = await startAuth()
  await publish(words)
  const { data } = await auth.ask(auth.portal, '{ myOrganization { id } }')
  const organizationId = data.myOrganization.id as string
  await offer({ organizationIds: [organizationId] })
  const scopes = ['catalog:read', 'loyalty:read']
  app = await auth.register({ name: 'Points', organizationId, scopes, clientType: 'CONFIDENTIAL' })
  browser = visitor()
}, 180_000)
afterAll(() => auth?.[Symbol.asyncDispose]())

type Refusal = { readonly code: string; readonly message: string }

/** What a mutation refuses; asked again by its key where a busy machine takes longer over checks than a call may last. */
async function refusalsOf(field: string, input: object, key = randomUUID()): Promise<readonly Refusal[]> {
  const query = `mutation ($input: ${field[0]?.toUpperCase()}${field.slice(1)}Input!, $key: String) {
    ${field}(input: $input, idempotencyKey: $key) { userErrors { code message } } }`
  const { data, errors } = await auth.ask(auth.operator, query, { input, key })
  if (errors?.[0]?.extensions['code'] === 'SUBGRAPH_TIMEOUT') return refusalsOf(field, input, key)
  expect(errors).toBeUndefined()
  return data[field].userErrors
}

async function mutate(field: string, input: object): Promise<void> {
  expect(await refusalsOf(field, input)).toEqual([])
}

const declared = async (): Promise<string[]> => {
  const { data } = await auth.ask(auth.operator, '{ declaredScopes { nodes { description } } }')
  return data.declaredScopes.nodes.map(({ description }: { description: string }) => description)
}

const publication = (description: string | null, acceptBreaking: readonly string[] = []) => {
  const input = { subgraph: 'loyalty', url: 'http://127.0.0.1:9/graphql', reason: 'For the test.' }
  return { ...input, sdl: sdl(description), acceptBreaking }
}

async function publish(description: string | null, acceptBreaking: readonly string[] = []): Promise<void> {
  await mutate('publishSubgraph', publication(description, acceptBreaking))
  const told = description === null ? [] : [description]
  await vi.waitFor(async () => expect(await declared()).toEqual(told), { timeout: 30_000 })
}

const offer = (to: object) => mutate('offerScope', { scope: 'loyalty:read', ...to })

async function tokenOf(asked: string): Promise<{ status: number; body: Record<string, string> }> {
  const authorization = `Basic ${Buffer.from(`${app.id}:${app.key}`).toString('base64')}`
  const body = new URLSearchParams({ grant_type: 'client_credentials', scope: asked })
  const response = await fetch(`${auth.url}/oauth/token`, { method: 'POST', body, headers: { authorization } })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

const supported = async (): Promise<readonly string[]> => {
  const response = await fetch(`${auth.url}/.well-known/oauth-authorization-server`)
  return ((await response.json()) as { scopes_supported: string[] }).scopes_supported
}

/** The page that a browser gets for an authorization request, after the sign-in. */
async function authorize(from: Visitor): Promise<Stop> {
  const parameters = {
    client_id: app.id,
    redirect_uri: app.redirectUri,
    response_type: 'code',
    scope: 'catalog:read loyalty:read',
    state: 's',
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
    code_challenge_method: 'S256',
  }
  const page = await from.open(`${auth.url}/oauth/authorize?${new URLSearchParams(parameters).toString()}`)
  if (!page.html.includes('id="password"')) return page
  return from.submit(page, { email: auth.person.email, password: auth.person.password, action: 'sign-in' })
}

/** What the graph says of the scoped field to a caller: a scope that it lacks, or that the service is not there. */
async function codeOf(as: string | { appId: string; key: string }): Promise<unknown> {
  const { errors } = await auth.ask(as, '{ myOrganization { id points } }')
  return errors?.[0]?.extensions['code']
}

describe('a scope of a published subgraph', { timeout: 120_000 }, () => {
  it('is in tokens of an app that was granted it, and opens the field', async () => {
    const { status, body } = await tokenOf('catalog:read loyalty:read')
    expect([status, body['scope']]).toEqual([200, 'catalog:read loyalty:read'])
    await mutate('updateApp', { id: app.id, scopes: ['catalog:read', 'loyalty:read', 'partner:read'] })
    // The gateway lets it pass; nobody serves the subgraph here.
    await expect.poll(() => codeOf({ appId: app.id, key: app.key })).toBe('SUBGRAPH_UNAVAILABLE')
    expect(await codeOf(auth.portal)).toBe('FORBIDDEN')
    await expect.poll(async () => (await tokenOf('loyalty:write')).body['error']).toBe('invalid_scope')
  })

  it('is asked for in the words of its team, which are text on the page', async () => {
    const page = await authorize(browser)
    expect(page.html).toContain('See &lt;script&gt;alert(1)&lt;/script&gt; &quot;your&quot; points &amp; more')
    expect(page.html).toContain('<code>loyalty:read</code>')
    expect(page.html).not.toContain('<script')
    const { left } = await browser.submit(page, { action: 'allow' })
    expect(left?.searchParams.get('code')).toEqual(expect.any(String))
    expect((await authorize(browser)).left?.searchParams.get('code')).toEqual(expect.any(String))
  })

  it('is in the metadata for everybody once it is offered to every partner', async () => {
    expect(await supported()).not.toContain('loyalty:read')
    await offer({ everyPartner: true })
    await expect.poll(supported).toContain('loyalty:read')
  })

  it('is refused to be taken away while an app holds it, naming the app', async () => {
    expect(await refusalsOf('publishSubgraph', publication(null))).toEqual([
      expect.objectContaining({
        code: 'CHECK_FAILED',
        message: expect.stringMatching(
          /^loyalty:1:1 BREAKING_CHANGE Scope 'loyalty:read' was removed\. It was granted to Points of Northwind IT Solutions/,
        ),
      }),
    ])
  })

  it('ends for apps and people when it is taken away, and what is declared under its name later is asked for anew', async () => {
    await publish(null, ['loyalty:read'])
    await expect.poll(async () => (await tokenOf('loyalty:read')).body['error']).toBe('invalid_scope')
    await publish('Spend your points', ['Organization.points'])
    await offer({ everyPartner: true })
    expect((await tokenOf('loyalty:read')).body['error']).toBe('invalid_scope')
    await mutate('updateApp', { id: app.id, scopes: ['catalog:read', 'loyalty:read'] })
    await expect.poll(async () => (await tokenOf('loyalty:read')).status).toBe(200)
    // The person has allowed the app something else by this name.
    const again = await authorize(browser)
    expect([again.left, again.html]).toEqual([null, expect.stringContaining('Spend your points')])
  })
})
