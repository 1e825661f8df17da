import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { DemoCredentials } from '../../gateway/demo/demo.ts'
import { type RunningGateway, startGateway } from '../../gateway/start-gateway.ts'
import { readConfig } from '../../kit/config.ts'
import { appKeyFromBytes } from '../../kit/app-key.ts'
import { createLogger } from '../../kit/log.ts'
import { type DemoDatabase, openDemoDatabase } from '../storage/demo-database.ts'

const rotations = 4
const query = '{ myOrganization { name } }'

let dataDir: string
let database: DemoDatabase
let gateway: RunningGateway
let app: DemoCredentials
let operator: DemoCredentials

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-rotation-'))
  database = await openDemoDatabase()
  const config = readConfig({ PORT: '0', DATA_DIR: dataDir, ...database.settings })
  gateway = await startGateway({ config, log: createLogger('test', 'error') })
  const demo = (slug: string): DemoCredentials => {
    const found = gateway.demo.find((candidate) => candidate.slug === slug)
    if (found === undefined) throw new Error(`the demo has no app ${slug}`)
    return found
  }
  app = demo('northwind-portal')
  operator = demo('operator-console')
})
afterAll(async () => {
  await gateway.close()
  await database[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
})

interface Outcome {
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are asserted on, not typed
  readonly data?: any
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[]
}

async function overHttp({ appId }: DemoCredentials, key: string, document = query, variables = {}): Promise<Outcome> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-tributary-app': appId, 'x-tributary-key': key },
    body: JSON.stringify({ query: document, variables }),
  })
  return (await response.json()) as Outcome
}

/** One operation on a socket of its own. */
async function overWebSocket({ appId }: DemoCredentials, key: string): Promise<Outcome> {
  const client = createClient({
    url: `${gateway.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { appId, key },
    retryAttempts: 0,
  })
  try {
    for await (const { data } of client.iterate({ query })) return { data }
    throw new Error('no result')
  } finally {
    await client.dispose()
  }
}

async function newKey(): Promise<{ id: string; key: string }> {
  const document = `mutation ($appId: ID!) { createAppCredential(input: { appId: $appId, label: "next" }) {
    key appCredential { id } userErrors { message } } }`
  const { data } = await overHttp(operator, operator.key, document, { appId: app.appId })
  expect(data.createAppCredential.userErrors).toEqual([])
  return { id: data.createAppCredential.appCredential.id, key: data.createAppCredential.key }
}

async function revoke(id: string): Promise<void> {
  const document = 'mutation ($id: ID!) { revokeAppCredential(input: { id: $id }) { userErrors { message } } }'
  const { data } = await overHttp(operator, operator.key, document, { id })
  expect(data.revokeAppCredential.userErrors).toEqual([])
}

it('rotates keys under load over HTTP and WebSocket without one failed call', async () => {
  let current = await newKey()
  const load = { stopped: false }
  let answered = 0
  const failed: unknown[] = []
  const keysAsked = new Set<string>()
  /** What each client is about to have answered, by the key that it used. */
  const underWay = new Map<Promise<Outcome>, string>()
  const client = async (ask: (of: DemoCredentials, key: string) => Promise<Outcome>): Promise<void> => {
    while (!load.stopped) {
      const { key } = current
      const call = ask(app, key)
      underWay.set(call, key)
      const outcome = await call.catch((error: unknown) => ({ errors: [error] }))
      underWay.delete(call)
      if (outcome.errors) failed.push(outcome.errors)
      keysAsked.add(key)
      answered += 1
    }
  }
  const clients = [
    ...Array.from({ length: 8 }, () => client(overHttp)),
    ...Array.from({ length: 4 }, () => client(overWebSocket)),
  ]
  const used: string[] = []
  for (let turn = 0; turn < rotations; turn += 1) {
    const old = current
    current = await newKey()
    used.push(old.key)
    const before = answered
    await expect.poll(() => answered).toBeGreaterThan(before + 50)
    // Every client has the new key when none waits for an answer to the old one.
    await expect.poll(() => [...underWay.values()].includes(old.key)).toBe(false)
    await revoke(old.id)
  }
  await expect.poll(() => keysAsked.has(current.key)).toBe(true)
  load.stopped = true
  await Promise.all(clients)
  expect(failed).toEqual([])
  expect(keysAsked.size).toBe(rotations + 1)
  for (const key of used) {
    await expect.poll(async () => (await overHttp(app, key)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  }
}, 120_000)

const anyKey = (): string => appKeyFromBytes('test', randomBytes(64))

it('lets nobody guess on: not over HTTP, a stream or a socket, and those who are known go on', async () => {
  expect((await overHttp(app, app.key)).errors).toBeUndefined()
  for (let attempt = 0; attempt < 100; attempt += 1) await overHttp(app, anyKey())
  for (const path of ['/graphql', '/graphql/stream']) {
    const response = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: path === '/graphql' ? 'application/json' : 'text/event-stream',
        'x-tributary-app': app.appId,
        'x-tributary-key': anyKey(),
      },
      body: JSON.stringify({ query }),
    })
    expect(response.status).toBe(429)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'THROTTLED' } }] })
  }
  await expect(overWebSocket(app, anyKey())).rejects.toMatchObject({ code: 1013 })
  expect((await overHttp(app, app.key)).errors).toBeUndefined()
  expect((await overWebSocket(app, app.key)).data).toBeDefined()
})
