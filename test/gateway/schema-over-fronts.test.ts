import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type GraphQLSchema, buildClientSchema, buildSchema, getIntrospectionQuery } from 'graphql'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { DemoCredentials } from '../../gateway/demo/demo.ts'
import { type RunningGateway, startGateway } from '../../gateway/start-gateway.ts'
import { readConfig } from '../../kit/config.ts'
import { createLogger } from '../../kit/log.ts'
import { type DemoDatabase, openDemoDatabase } from '../storage/demo-database.ts'
import { coordinatesOf } from './coordinate-operations.ts'

let dataDir: string
let database: DemoDatabase
let gateway: RunningGateway

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-schema-'))
  database = await openDemoDatabase()
  const config = readConfig({ PORT: '0', DATA_DIR: dataDir, ...database.settings })
  gateway = await startGateway({ config, log: createLogger('test', 'error') })
})
afterAll(async () => {
  await gateway.close()
  await database[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
})

const appOf = (slug: string): DemoCredentials => {
  const app = gateway.demo.find((candidate) => candidate.slug === slug)
  if (app === undefined) throw new Error(`the demo shows no key of ${slug}`)
  return app
}
const headersOf = ({ appId, key }: DemoCredentials) => ({ 'x-tributary-app': appId, 'x-tributary-key': key })
const query = getIntrospectionQuery()

interface Introspected {
  readonly data: Parameters<typeof buildClientSchema>[0]
  readonly extensions: { readonly cost: { readonly requestedQueryCost: number } }
}

const fronts: Record<string, (app: DemoCredentials) => Promise<Introspected>> = {
  async http(app) {
    const headers = { ...headersOf(app), 'content-type': 'application/json' }
    const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) })
    return (await response.json()) as Introspected
  },
  async 'event stream'(app) {
    const headers = { ...headersOf(app), 'content-type': 'application/json', accept: 'text/event-stream' }
    const body = JSON.stringify({ query })
    const response = await fetch(`${gateway.url}/graphql/stream`, { method: 'POST', headers, body })
    const data = /^data: (\{.*\})$/m.exec(await response.text())?.[1]
    return JSON.parse(data ?? 'null') as Introspected
  },
  async websocket({ appId, key }) {
    const url = `${gateway.url.replace('http', 'ws')}/graphql`
    const client = createClient({ url, webSocketImpl: WebSocket, connectionParams: { appId, key }, retryAttempts: 0 })
    try {
      const { value } = await client.iterate({ query }).next()
      return value as Introspected
    } finally {
      await client.dispose()
    }
  },
}

const download = (headers: Readonly<Record<string, string>>): Promise<Response> =>
  fetch(`${gateway.url}/graphql/schema.graphql`, { headers })

describe('one app sees one schema', () => {
  it.each(Object.entries(fronts))('by introspection over %s and by download', async (_front, introspect) => {
    const seen = new Set<string>()
    for (const slug of ['contoso-trial', 'northwind-stock-feed', 'operator-console']) {
      const app = appOf(slug)
      const { data, extensions } = await introspect(app)
      const [introspected, downloaded] = [buildClientSchema(data), await downloadedSchema(app)]
      expect(coordinatesOf(introspected), slug).toEqual(coordinatesOf(downloaded))
      expect(extensions.cost.requestedQueryCost).toBe(100)
      seen.add(Object.keys(introspected.getTypeMap()).toSorted().join())
    }
    expect(seen.size).toBe(3)
  })

  it('without mutations for the app on a read-only plan, and without the fields that its scopes do not reach', async () => {
    const schema = await downloadedSchema(appOf('contoso-trial'))
    expect(schema.getMutationType()).toBeUndefined()
    expect(schema.getType('Product')).toBeDefined()
    expect(schema.getType('Invoice')).toBeUndefined()
  })
})

describe('the download', () => {
  it('tells descriptions, scopes and costs, and is paid for as an introspection', async () => {
    const response = await download(headersOf(appOf('operator-console')))
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('private, no-cache')
    const text = await response.text()
    expect(text).toContain('@requiresScopes(scopes: [["catalog:read"]])')
    expect(text).toContain('@listSize(assumedSize: 250, slicingArguments: ["first"]')
    expect(text).toMatch(/@cost\(weight: \d+\)/)
    expect(text).toContain('Stock of SKUs at warehouses, narrowed to one SKU, one warehouse or both.')
  })

  it('is not sent again to who has it', async () => {
    const headers = headersOf(appOf('northwind-stock-feed'))
    const etag = (await download(headers)).headers.get('etag') ?? ''
    const again = await download({ ...headers, 'if-none-match': etag })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
    expect((await download(headersOf(appOf('operator-console')))).headers.get('etag')).not.toBe(etag)
  })

  it.each([
    ['nobody', {}],
    ['a stranger', { 'x-tributary-app': 'app_1', 'x-tributary-key': 'trb_test_1' }],
  ])('is refused to %s with a coded 401, as introspection is', async (_who, headers) => {
    const response = await download(headers)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
    const asked = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ __schema { types { name } } }' }),
    })
    expect(asked.status).toBe(401)
    expect(await asked.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  })
})

it('offers no name of the schema to an app that guesses, shown to it or not', async () => {
  const headers = { ...headersOf(appOf('contoso-trial')), 'content-type': 'application/json' }
  const guesses = [
    '{ invoice }',
    '{ invoicess(first: 1) { nodes { id } } }',
    '{ products(firs: 1) { totalCount } }',
    '{ __type(name: "Invoice") { nam } }',
  ]
  for (const guess of guesses) {
    const body = JSON.stringify({ query: guess })
    const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body })
    expect(await response.text()).not.toMatch(/did you mean/i)
  }
})

async function downloadedSchema(app: DemoCredentials): Promise<GraphQLSchema> {
  const response = await download(headersOf(app))
  expect(response.status).toBe(200)
  return buildSchema(await response.text())
}
