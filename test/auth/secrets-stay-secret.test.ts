import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLogger } from '../../kit/log.ts'
import { type AuthUnderTest, type RegisteredApp, startAuth } from './auth-under-test.ts'
import { createVisitor } from './visitor.ts'

let auth: AuthUnderTest
let logged = ''
beforeAll(async () => {
  auth = await startAuth(createLogger('test', 'trace', { write: (line) => void (logged += line) }))
})
afterAll(() => auth[Symbol.asyncDispose]())

/** What the test has got hold of or made up, by what it is. */
const secrets = new Map<string, string>()
/** What was answered to requests that failed. */
const refusals: string[] = []

const secret = (what: string, value: string | null | undefined): string => {
  if (!value) throw new Error(`there was no ${what}`)
  secrets.set(what, value)
  return value
}
const wrong = async (path: string, init: RequestInit): Promise<void> => {
  const response = await fetch(`${auth.url}${path}`, init)
  const text = await response.text()
  // GraphQL over HTTP as application/json tells a fault of the document with 200.
  expect(response.status >= 400 || text.startsWith('{"errors"'), text).toBe(true)
  refusals.push(text, JSON.stringify([...response.headers]))
}
const form = (fields: Record<string, string>): RequestInit => ({ method: 'POST', body: new URLSearchParams(fields) })
const graph = (headers: Record<string, string>, query = '{ myApp { id } }'): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ query }),
})
const verifier = 'a-code-verifier-that-is-a-canary-of-its-own-43-characters'

async function signIn(app: RegisteredApp, email: string, password: string): Promise<URL> {
  const visitor = createVisitor(auth.url)
  const query = new URLSearchParams({
    client_id: app.id,
    response_type: 'code',
    redirect_uri: app.redirectUri,
    scope: 'catalog:read offline_access',
    prompt: 'consent',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const first = await visitor.open(`/oauth/authorize?${query.toString()}`)
  const refused = await visitor.submit(first, { email, password: 'wrong-canary-password' })
  refusals.push(refused.html)
  const consent = await visitor.submit(refused, { email, password })
  const done = await visitor.submit(consent, { action: 'allow' })
  for (const [name, cookie] of visitor.cookies) secrets.set(`cookie ${name}`, cookie)
  if (done.left === null) throw new Error(done.html)
  return done.left
}

it('no secret is in the audit log, in what is logged, in an error, or readable in the database', async () => {
  secrets.set('wrong password', 'wrong-canary-password')
  secrets.set('code verifier', verifier)
  const { data } = await auth.ask(auth.portal, '{ myOrganization { id } members(first: 5) { nodes { id email } } }')
  const app = await auth.register({
    name: 'Canary',
    organizationId: data.myOrganization.id,
    scopes: ['catalog:read'],
    clientType: 'CONFIDENTIAL',
  })
  secret('app key and client secret', app.key)

  const member = (data.members.nodes as { id: string; email: string }[]).find(
    ({ email }) => email !== auth.person.email,
  )
  const password = secret('password', 'canary bird sings alone')
  const link = await auth.passwordLink(member?.id ?? '')
  secret('password ticket', new URL(link).searchParams.get('ticket'))
  const visitor = createVisitor(auth.url)
  const short = await visitor.submit(await visitor.open(link), { password: 'canary', again: 'canary' })
  refusals.push(short.html.replaceAll(/value="[^"]*"/g, ''))
  const set = await visitor.submit(await visitor.open(link), { password, again: password })
  expect(set.html).toContain('The password is set')

  const left = await signIn(app, member?.email ?? '', password)
  const code = secret('authorization code', left.searchParams.get('code'))
  const client = { client_id: app.id, client_secret: app.key }
  const exchange = { grant_type: 'authorization_code', code, redirect_uri: app.redirectUri, code_verifier: verifier }
  const response = await fetch(`${auth.url}/oauth/token`, form({ ...client, ...exchange }))
  const tokens = (await response.json()) as { access_token: string; refresh_token: string }
  const access = secret('access token', tokens.access_token)
  const refresh = secret('refresh token', tokens.refresh_token)
  const asked = await auth.ask(`Bearer ${access}`, '{ products(first: 1) { nodes { id } } }')
  expect(asked.errors).toBeUndefined()

  // Every flow again, in a way that fails and is told.
  await wrong('/oauth/token', form({ ...client, ...exchange }))
  await wrong('/oauth/token', form({ ...client, ...exchange, client_secret: `${app.key}x` }))
  await wrong('/oauth/token', form({ ...client, grant_type: 'refresh_token', refresh_token: `${refresh}x` }))
  await wrong('/graphql', graph({ authorization: `Bearer ${access.slice(0, -6)}canary` }))
  await wrong('/graphql', graph({ 'x-tributary-app': app.id, 'x-tributary-key': `${app.key.slice(0, -4)}zzzz` }))
  await wrong('/graphql', graph({ 'x-tributary-app': app.id, 'x-tributary-key': app.key }, '{ nonsense }'))
  await fetch(`${auth.url}/oauth/revoke`, form({ ...client, token: access }))
  await fetch(`${auth.url}/oauth/revoke`, form({ ...client, token: refresh }))
  const made = await auth.ask(
    auth.operator,
    `mutation ($id: ID!) { createAppCredential(input: { appId: $id, label: "again" }, idempotencyKey: "again") {
      key appCredential { id } } }`,
    { id: app.id },
  )
  secret('second key', made.data.createAppCredential.key)
  const invited = await auth.ask(
    auth.portal,
    `mutation ($input: InviteMemberInput!) { inviteMember(input: $input, idempotencyKey: "i") { token userErrors { code } } }`,
    { input: { email: 'canary@northwind.example', role: 'DEVELOPER' } },
  )
  secret('invitation token', invited.data.inviteMember.token)

  const audit = (await auth.stored('audit_'))['audit_entries'] as { action: string; outcome: string; codes: string[] }[]
  const done = audit.map(({ action, outcome }) => `${action} ${outcome}`)
  expect(done).toEqual(
    expect.arrayContaining([
      'registerApp DONE',
      'createAppCredential DONE',
      'password-set DONE',
      'sign-in REFUSED',
      'sign-in DONE',
      'recordConsent DONE',
      'token-revocation DONE',
      'inviteMember DONE',
    ]),
  )
  const database = JSON.stringify(await auth.stored(''))
  const places = { audit: JSON.stringify(audit), logged, refusals: refusals.join('\n'), database }
  expect(logged).not.toBe('')
  const leaks = [...secrets].flatMap(([what, value]) =>
    Object.entries(places).flatMap(([place, text]) => (text.includes(value) ? [`${what} in ${place}`] : [])),
  )
  expect(leaks).toEqual([])
}, 60_000)
