import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AuthServer, createAuthServer } from '../../auth/auth-server.ts'
import { createLogger } from '../../kit/log.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'
import { type TestDatabase, openTestDatabase } from '../storage/test-database.ts'

const offered = { name: 'loyalty:read', description: 'See your points', everyPartner: true }
const pageInfo = { hasNextPage: false, endCursor: null }
const answer = (...nodes: readonly object[]): Promise<SubgraphResult> =>
  Promise.resolve({ data: { declaredScopes: { nodes, pageInfo } } })
const refuse = (): Promise<SubgraphResult> => Promise.reject(new Error('connect ECONNREFUSED'))
const hang = (): Promise<SubgraphResult> => new Promise(() => undefined)

let partner: () => Promise<SubgraphResult>
let database: TestDatabase
let connection: Awaited<ReturnType<TestDatabase['connect']>>
beforeAll(async () => {
  database = await openTestDatabase()
  connection = await database.connect()
})
afterAll(() => database?.[Symbol.asyncDispose]())

/** An authorization server by itself, whose partner subgraph is `partner`, with what it has logged. */
async function startServer() {
  const lines = new PassThrough({ encoding: 'utf8' })
  let auth: AuthServer | undefined
  const server = createServer((request, response) => void auth?.handle(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  auth = createAuthServer({
    connection,
    ask: () => partner(),
    secretFor: (purpose) => deriveSecret('a secret for tests, of at least 32 characters', purpose),
    issuer: () => url,
    graph: { shown: () => '', called: () => '' },
    log: createLogger('test', 'warn', lines),
    now: () => new Date(),
    demo: false,
  })
  return {
    async metadata(name = 'openid-configuration') {
      const response = await fetch(`${url}/.well-known/${name}`)
      const { scopes_supported: scopes } = (await response.json()) as { scopes_supported?: string[] }
      return { status: response.status, scopes, cached: response.headers.get('cache-control') }
    },
    warnings: (): number => String(lines.read() ?? '').split('cannot be read').length - 1,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const own = expect.arrayContaining(['catalog:read', 'openid', 'offline_access']) as string[]

it.each([
  ['refuses', refuse],
  ['does not answer', hang],
])('discovery tells the product’s own scopes while the partner subgraph %s, and warns once', async (_, broken) => {
  await using server = await startServer()
  partner = broken
  for (const name of ['openid-configuration', 'oauth-authorization-server']) {
    const told = await server.metadata(name)
    expect(told).toEqual({ status: 200, scopes: own, cached: 'no-cache' })
    expect(told.scopes).not.toContain('loyalty:read')
  }
  expect(server.warnings()).toBe(1)
})

it('discovery tells the scopes that were last known while the partner subgraph is down, and the new ones after it', async () => {
  await using server = await startServer()
  partner = () => answer(offered, { ...offered, name: 'loyalty:write', everyPartner: false })
  const known = await server.metadata()
  expect(known).toEqual({ status: 200, scopes: own, cached: 'public, max-age=300' })
  expect(known.scopes).toEqual(expect.arrayContaining(['loyalty:read']))
  expect(known.scopes).not.toContain('loyalty:write')

  // What was just read is believed for two seconds.
  partner = refuse
  await expect.poll(async () => (await server.metadata()).cached).toBe('no-cache')
  expect(await server.metadata()).toEqual({ ...known, cached: 'no-cache' })
  expect(server.warnings()).toBe(1)

  partner = () => answer()
  const later = await server.metadata()
  expect([later.cached, later.scopes?.includes('loyalty:read')]).toEqual(['public, max-age=300', false])
  partner = refuse
  await expect.poll(async () => (await server.metadata()).cached).toBe('no-cache')
  expect(server.warnings()).toBe(1)
})
