import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { DemoCredentials } from '../../gateway/demo/demo.ts'
import { createAccessTokens } from '../../gateway/identity/access-token.ts'
import { type RunningGateway, startGateway } from '../../gateway/start-gateway.ts'
import { readConfig } from '../../kit/config.ts'
import { createLogger } from '../../kit/log.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { eventsAbout } from '../subgraphs/events-about.ts'
import { type DemoDatabase, demoSecret, openDemoDatabase } from '../storage/demo-database.ts'

const query = '{ products(first: 1) { nodes { name } } }'
const subscription = 'subscription { inventoryChanged { reason } }'

let dataDir: string
let database: DemoDatabase
let gateway: RunningGateway
let app: DemoCredentials

const start = async (): Promise<void> => {
  const config = readConfig({ PORT: '0', DATA_DIR: dataDir, ...database.settings })
  gateway = await startGateway({ config, log: createLogger('test', 'error') })
  const found = gateway.demo.find(({ slug }) => slug === 'northwind-stock-feed')
  if (found === undefined) throw new Error('the demo has no stock feed')
  app = found
}
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-limits-'))
  database = await openDemoDatabase()
  await start()
})
afterAll(async () => {
  await gateway.close()
  await database[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
})

/** Lets the app have so many calls of this month besides those that the demo says it had. */
async function leaveCalls(left: number): Promise<void> {
  const connection = await database.connect()
  const month = `${app.appId}:${new Date().toISOString().slice(0, 7)}`
  const totals = connection.collection<{ _id: string; callCount: number }>('billing_usage_totals')
  const used = (await totals.findOne({ _id: month }))?.callCount ?? 0
  const limits = connection.collection<{ _id: string }>('billing_app_limits')
  await limits.updateOne({ _id: app.appId }, { $set: { 'limits.monthlyCalls': used + left } })
}

/** How an operation went: the code of its refusal, or null. */
type Outcome = string | null

async function post(path: string, headers: Record<string, string>, text: string): Promise<Response> {
  return fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: text }),
  })
}
async function outcome(response: Response): Promise<Outcome> {
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] }
  return errors?.[0]?.extensions.code ?? null
}
const keyHeaders = () => ({ 'x-tributary-app': app.appId, 'x-tributary-key': app.key })
const byKey = async (): Promise<Outcome> => outcome(await post('/graphql', keyHeaders(), query))

async function byToken(): Promise<Outcome> {
  const tokens = createAccessTokens(deriveSecret(demoSecret, 'access-token-signing'), () => new Date())
  const { appId, scopes } = app
  const token = await tokens.issue({ appId, scopes, tokenId: crypto.randomUUID(), endUserId: 'user_1' })
  return outcome(await post('/graphql', { authorization: `Bearer ${token}` }, query))
}
async function byWebSocket(): Promise<Outcome> {
  const client = createClient({
    url: `${gateway.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { appId: app.appId, key: app.key },
    retryAttempts: 0,
  })
  try {
    const { value } = await client.iterate({ query }).next()
    const [error] = (value as { errors?: readonly { extensions?: Record<string, unknown> }[] }).errors ?? []
    return error ? String(error.extensions?.['code']) : null
  } catch (refused) {
    const [error] = refused as readonly { extensions: { code: string } }[]
    return error?.extensions.code ?? 'no code'
  } finally {
    await client.dispose()
  }
}
async function byEventStream(): Promise<Outcome> {
  const headers = { ...keyHeaders(), accept: 'text/event-stream' }
  const response = await post('/graphql/stream', headers, subscription)
  if (response.status !== 200) return outcome(response)
  await response.body?.cancel()
  return null
}

const fronts = { byKey, byToken, byWebSocket, byEventStream }

it('share one quota by key, by token, over HTTP, WebSocket and event streams, also after a restart', async () => {
  await leaveCalls(4)
  const admitted = await Promise.all(Object.values(fronts).map((front) => front()))
  expect(admitted).toEqual([null, null, null, null])
  const refused = await Promise.all(Object.values(fronts).map((front) => front()))
  expect(refused).toEqual(Array.from({ length: 4 }, () => 'QUOTA_EXCEEDED'))

  await gateway.close()
  await start()
  const again = await Promise.all(Object.values(fronts).map((front) => front()))
  expect(again).toEqual(Array.from({ length: 4 }, () => 'QUOTA_EXCEEDED'))
})

it('tell a refusal in status, Retry-After and RateLimit, and record that all of the quota is used', async () => {
  const answer = await post('/graphql', keyHeaders(), query)
  expect(answer.status).toBe(429)
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(answer.headers.get('ratelimit')).toMatch(/^"points";r=\d+;t=\d+, "monthly-calls";r=0;t=\d+, /)
  expect(answer.headers.get('ratelimit-policy')).toContain('"monthly-calls";q=')
  const stream = await post('/graphql/stream', { ...keyHeaders(), accept: 'text/event-stream' }, subscription)
  expect([stream.status, stream.headers.has('retry-after')]).toEqual([429, true])

  const told = await eventsAbout(await database.connect(), [app.appId])
  const percents = told
    .filter(({ type }) => type === 'quota.threshold_reached')
    .map(({ data }) => Number(data['percent']))
    .toSorted((a, b) => a - b)
  expect(percents).toEqual([50, 80, 90, 100])
})
