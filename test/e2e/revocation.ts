import { beforeAll, describe, expect, it } from 'vitest'
import { call, authHeaders } from './call.ts'
import type { Fleet } from './fleet.ts'
import { appToken, basic, personToken, redirectUri } from './person-token.ts'
import type { AppCredentials } from './product.ts'
import { type RawStream, openRawEvents, openRawWebSocket } from './raw-streams.ts'
import { whileRepeating } from './while-repeating.ts'

/** How a client says who it is, over HTTP and in a WebSocket's init. */
interface Shown {
  readonly headers: Readonly<Record<string, string>>
  readonly init: object
}

const scopes = ['partner:read', 'inventory:read']
const scope = scopes.join(' ')
const subscription = 'subscription { inventoryChanged { id } }'
/** Of the gateways: two are told of changes, the third is cut off from what subgraphs tell. */
const told = [0, 1] as const
export const cutOff = 2

let fleet: Fleet
let operator: AppCredentials

const gatewayUrl = (gateway: number): string => fleet.gateways[gateway]?.url ?? ''

// oxlint-disable-next-line typescript/no-explicit-any -- answers are asserted on, not typed
async function run(field: string, input: object, inputType: string, selection = ''): Promise<Record<string, any>> {
  const query = `mutation ($input: ${inputType}!) { ${field}(input: $input) { ${selection} userErrors { code message } } }`
  const { data, errors } = await call({ url: gatewayUrl(0) }, operator, query, { input })
  expect(errors).toBeUndefined()
  expect(data[field].userErrors).toEqual([])
  return data[field]
}

interface NewApp extends AppCredentials {
  readonly credentialId: string
}

let apps = 0
/** A new app of an organization with one key. */
async function newApp(organizationSlug: string): Promise<NewApp> {
  apps += 1
  const { data } = await call(
    { url: gatewayUrl(0) },
    operator,
    'query ($search: String!) { organizations(search: $search) { nodes { id } } }',
    { search: organizationSlug },
  )
  const input = {
    name: `Revoked ${apps}`,
    organizationId: data.organizations.nodes[0].id,
    environment: 'SANDBOX',
    scopes,
    redirectUris: [redirectUri],
  }
  const { app } = await run('registerApp', input, 'RegisterAppInput', 'app { id }')
  const key = { appId: app.id, label: 'only one' }
  const made = await run('createAppCredential', key, 'CreateAppCredentialInput', 'key appCredential { id }')
  return { appId: app.id, key: made['key'], credentialId: made['appCredential'].id }
}

const byKey = (app: AppCredentials): Shown => ({ headers: authHeaders(app), init: { ...app } })
const byToken = (token: string): Shown => {
  const authorization = `Bearer ${token}`
  return { headers: { authorization }, init: { authorization } }
}
const person = (): { email: string; password: string; scope: string } => ({
  email: 'pieter.nilsen@northwind.example',
  password: fleet.password,
  scope,
})

async function codeOf(gateway: number, { headers }: Shown): Promise<unknown> {
  const response = await fetch(`${gatewayUrl(gateway)}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: '{ myOrganization { name } }' }),
  })
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] }
  return errors?.[0]?.extensions.code
}

async function sellOne(): Promise<void> {
  const { data } = await call(
    { url: gatewayUrl(0) },
    operator,
    '{ inventoryLevels(first: 1) { nodes { sku { id } location { id } } } }',
  )
  const [{ sku, location }] = data.inventoryLevels.nodes
  const adjustment = { skuId: sku.id, locationId: location.id, delta: 1, reason: 'CORRECTION' }
  await run('adjustInventory', { adjustments: [adjustment] }, 'AdjustInventoryInput')
}

/** Opens a stream of each kind at a gateway, which all flow before this resolves. */
async function openStreams(gateways: readonly number[], shown: Shown): Promise<RawStream[]> {
  const streams = gateways.flatMap((gateway) => [
    flowing(() => openRawWebSocket(gatewayUrl(gateway), shown.init, subscription)),
    flowing(() => openRawEvents(gatewayUrl(gateway), shown.headers, subscription)),
  ])
  return await whileRepeating(Promise.all(streams), sellOne)
}

/** A stream with its first event; opened again where its subgraph, which others have killed before, is not yet back. */
async function flowing(open: () => Promise<RawStream>): Promise<RawStream> {
  for (;;) {
    const stream = await open()
    try {
      await stream.first
      return stream
    } catch (error) {
      await stream[Symbol.asyncDispose]()
      if (!(error instanceof Error && error.message.startsWith('SUBGRAPH_'))) throw error
    }
  }
}

/** What each kind of credentials is, and how it is taken away. */
const kinds: readonly (readonly [
  kind: string,
  make: () => Promise<{ shown: Shown; revoke: () => Promise<unknown> }>,
])[] = [
  [
    'a key',
    async () => {
      const app = await newApp('Northwind')
      const revoke = () => run('revokeAppCredential', { id: app.credentialId }, 'RevokeAppCredentialInput')
      return { shown: byKey(app), revoke }
    },
  ],
  [
    'a token',
    async () => {
      const app = await newApp('Northwind')
      const auth = fleet.auth?.url ?? ''
      const token = await appToken(auth, app, scope)
      const body = new URLSearchParams({ token })
      const revoke = () => fetch(`${auth}/oauth/revoke`, { method: 'POST', body, headers: basic(app) })
      return { shown: byToken(token), revoke }
    },
  ],
  [
    'a consent',
    async () => {
      const app = await newApp('Northwind')
      const token = await personToken(fleet.auth?.url ?? '', app, person())
      const query = 'query ($appId: ID!) { consents(appId: $appId) { nodes { id } } }'
      const { data } = await call({ url: gatewayUrl(0) }, operator, query, { appId: app.appId })
      const revoke = () => run('revokeConsent', { id: data.consents.nodes[0].id }, 'RevokeConsentInput')
      return { shown: byToken(token), revoke }
    },
  ],
  [
    'a member',
    async () => {
      const app = await newApp('Northwind')
      const token = await personToken(fleet.auth?.url ?? '', app, person())
      const query = '{ organizations(search: "Northwind") { nodes { members(first: 10) { nodes { id email } } } } }'
      const { data } = await call({ url: gatewayUrl(0) }, operator, query)
      const members = data.organizations.nodes[0].members.nodes as { id: string; email: string }[]
      const leaving = members.find(({ email }) => email === person().email)
      const staying = members.find(({ email }) => email !== person().email)
      await run('changeMemberRole', { id: staying?.id, role: 'ADMIN' }, 'ChangeMemberRoleInput')
      return {
        shown: byToken(token),
        revoke: () => run('deactivateMember', { id: leaving?.id }, 'DeactivateMemberInput'),
      }
    },
  ],
  [
    'an app',
    async () => {
      const app = await newApp('Northwind')
      return { shown: byKey(app), revoke: () => run('revokeApp', { id: app.appId }, 'RevokeAppInput') }
    },
  ],
  [
    'an organization',
    async () => {
      const app = await newApp('Fjordline')
      const query = '{ organizations(search: "Fjordline") { nodes { id } } }'
      const { data } = await call({ url: gatewayUrl(0) }, operator, query)
      const input = { id: data.organizations.nodes[0].id, reason: 'For a while.' }
      return { shown: byKey(app), revoke: () => run('suspendOrganization', input, 'OrganizationStatusInput') }
    },
  ],
]

/** What ends when credentials are taken away, on a fleet with an authorization server whose third gateway is not told of changes. */
export function describeRevocation(given: () => Fleet): void {
  describe('on every gateway', () => {
    beforeAll(() => {
      fleet = given()
      operator = fleet.app('operator-console')
    })

    it.each(kinds)(
      '%s that is taken away ends calls and open streams, and those of nobody else',
      async (_kind, make) => {
        const { shown, revoke } = await make()
        await using other = await openRawWebSocket(
          gatewayUrl(0),
          { ...fleet.app('northwind-stock-feed') },
          subscription,
        )
        let othersEnded = false
        void other.end.then(() => (othersEnded = true))
        const streams = await openStreams(told, shown)
        for (const gateway of told) expect(await codeOf(gateway, shown)).toBeUndefined()
        await revoke()
        const ends = await Promise.all(streams.map(({ end }) => end))
        for (const [index, { error, closed }] of ends.entries()) {
          expect({ error, closed }).toEqual({ error: 'UNAUTHENTICATED', closed: index % 2 === 0 ? 4403 : null })
        }
        for (const gateway of told) {
          await expect.poll(() => codeOf(gateway, shown)).toBe('UNAUTHENTICATED')
        }
        expect(othersEnded).toBe(false)
      },
      90_000,
    )

    it('an app that is taken away ends on a gateway that nobody tells, by looking again', async () => {
      const app = await newApp('Northwind')
      const shown = byKey(app)
      const streams = await openStreams([cutOff], shown)
      await run('revokeApp', { id: app.appId }, 'RevokeAppInput')
      const ends = await Promise.all(streams.map(({ end }) => end))
      expect(ends.map(({ error }) => error)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED'])
      expect(await codeOf(cutOff, shown)).toBe('UNAUTHENTICATED')
    }, 90_000)
  })
}
