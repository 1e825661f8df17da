import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleOperations } from '../../gateway/demo/sample-operations.ts'
import { subgraphs } from '../../subgraphs/registry.ts'
import { type Answer, authHeaders, call } from '../e2e/call.ts'
import { type Fleet, startFleet } from '../e2e/fleet.ts'
import { demoSecret } from '../storage/demo-database.ts'
import { type AppCredentials, root } from '../e2e/product.ts'
import { whileRepeating } from '../e2e/while-repeating.ts'

/** Taken from npm into a folder of its own when this runs: the product does not depend on it. */
const hive = {
  name: 'hive-gateway-under-test',
  private: true,
  dependencies: { '@graphql-hive/gateway': '2.15.1', graphql: '16.15.0' },
  // The release that it asks for is not in every mirror of npm.
  overrides: { '@graphql-tools/batch-execute': '10.2.0' },
}

let fleet: Fleet
let folder: string
let router: ChildProcess | undefined
let url: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hive-gateway-'))
  await writeFile(join(folder, 'package.json'), JSON.stringify(hive))
  await finished(
    spawn('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  )
  for (const file of ['gateway.config.mjs', 'tributary-signature.mjs']) {
    await copyFile(join(root, 'examples/hive-gateway', file), join(folder, file))
  }
  // As it is committed, with not a letter changed.
  await copyFile(join(root, 'schema/supergraph.graphql'), join(folder, 'supergraph.graphql'))
  fleet = await startFleet([])
  const urls = subgraphs.map(({ name }) => [name, `${fleet.subgraph(name)[0]?.url}/graphql`])
  const port = await freePort()
  const args = ['hive-gateway', 'supergraph', '-c', 'gateway.config.mjs', '-p', String(port), '-h', '127.0.0.1']
  router = spawn(process.execPath, [join('node_modules/@graphql-hive/gateway/dist/bin.js'), ...args.slice(1)], {
    cwd: folder,
    env: { ...process.env, TRIBUTARY_SECRET: demoSecret, SUBGRAPH_URLS: JSON.stringify(Object.fromEntries(urls)) },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  url = `http://127.0.0.1:${port}`
}, 600_000)
afterAll(async () => {
  if (router && router.exitCode === null && router.signalCode === null) {
    const ended = once(router, 'exit')
    router.kill('SIGTERM')
    await ended
  }
  await fleet?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const inBoth = async (app: AppCredentials, query: string, variables = {}): Promise<[Answer, Answer]> => {
  const [gateway] = fleet.gateways
  if (gateway === undefined) throw new Error('no gateway')
  return [await call(gateway, app, query, variables), await call({ url }, app, query, variables)]
}
/** Our own gateway counts what these tests ask it, so that usage has moved on when the other is asked. */
const withoutUsage = (data: unknown): unknown =>
  JSON.parse(JSON.stringify(data, (key, value: unknown) => (key === 'usage' ? typeof value : value)))
const codesAt = ({ errors = [] }: Answer) =>
  errors.map(
    ({ path, extensions }) =>
      `${path?.filter((part) => typeof part === 'string').join('.')} ${String(extensions['code'])}`,
  )

describe('Hive Gateway on the committed supergraph', () => {
  const queries = [
    ...sampleOperations.filter(({ query }) => !query.startsWith('subscription')),
    {
      name: 'stock',
      query: '{ inventoryLevels(first: 20) { nodes { available sku { id code } location { id code } } } }',
      variables: {},
    },
    {
      name: 'goods',
      query: '{ products(first: 3) { nodes { name skus(first: 2) { nodes { code name } } } } }',
      variables: {},
    },
  ]
  it('loads it', async () => {
    await expect.poll(readiness, { timeout: 60_000, interval: 250 }).toBe(200)
  }, 70_000)

  it.each(queries)('answers $name with the same data', async ({ query, variables }) => {
    const [ours, theirs] = await inBoth(fleet.app('northwind-portal'), query, variables)
    expect(ours.errors).toBeUndefined()
    expect(theirs.errors).toBeUndefined()
    expect(withoutUsage(theirs.data)).toEqual(withoutUsage(ours.data))
  })

  it('keeps from an app what its scopes do not allow, by the guards of the subgraphs', async () => {
    const query =
      '{ products(first: 1) { nodes { name skus(first: 1) { nodes { code price { unitPrice { amount } } } } } } }'
    const [ours, theirs] = await inBoth(fleet.app('northwind-stock-feed'), query)
    expect(theirs.data).toEqual(ours.data)
    expect(theirs.data.products.nodes[0].skus.nodes[0].price).toBeNull()
    expect(codesAt(theirs)).toEqual(codesAt(ours))
  })

  it("keeps another organization's data from a partner", async () => {
    const [all] = await inBoth(fleet.app('operator-console'), '{ organizations(first: 50) { nodes { id name } } }')
    const nodes = all.data.organizations.nodes as { id: string; name: string }[]
    const other = nodes.find(({ name }) => !/Northwind/.test(name))
    const query = 'query ($id: ID!) { organization(id: $id) { name } }'
    const [, theirs] = await inBoth(fleet.app('northwind-portal'), query, { id: other?.id })
    expect(theirs.data.organization).toBeNull()
  })

  it('gives each of many callers who ask the same at the same time their own answer', async () => {
    const apps = ['northwind-portal', 'fjordline-portal', 'alpenland-erp'].map((slug) => fleet.app(slug))
    const query = '{ myOrganization { name dealRegistrations(first: 3) { nodes { id } } } }'
    const alone = new Map<AppCredentials, unknown>()
    for (const app of apps) alone.set(app, (await call({ url }, app, query)).data)
    expect(new Set([...alone.values()].map((data) => JSON.stringify(data))).size).toBe(apps.length)
    const asked = Array.from({ length: 60 }, (_, turn) => apps[turn % apps.length] ?? fleet.app('northwind-portal'))
    const answers = await Promise.all(asked.map((app) => call({ url }, app, query)))
    expect(answers.map(({ data }) => data)).toEqual(asked.map((app) => alone.get(app)))
  })

  it('runs a mutation, with its userErrors', async () => {
    const query = 'mutation { adjustInventory(input: { adjustments: [] }) { levels { id } userErrors { code } } }'
    const [ours, theirs] = await inBoth(fleet.app('operator-console'), query)
    expect(theirs.data).toEqual(ours.data)
    expect(theirs.data.adjustInventory.userErrors.length).toBeGreaterThan(0)
  })

  it('streams stock with fields of other subgraphs', async () => {
    const [levels] = await inBoth(
      fleet.app('operator-console'),
      '{ inventoryLevels(first: 20) { nodes { available sku { id } location { id } } } }',
    )
    const [level] = (levels.data.inventoryLevels.nodes as Level[]).filter(({ available }) => available > 10)
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...authHeaders(fleet.app('northwind-portal')),
      },
      body: JSON.stringify({ query: 'subscription { inventoryChanged { reason delta level { sku { code name } } } }' }),
    })
    if (response.body === null) throw new Error('no stream')
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    const first = async (): Promise<string> => {
      let text = ''
      while (!/^data: ?\{.*\}$/m.test(text)) {
        const { done, value } = await reader.read()
        if (done) throw new Error(`the stream ended after: ${text}`)
        text += value
      }
      return /^data: ?(\{.*\})$/m.exec(text)?.[1] ?? ''
    }
    const mutation = `mutation ($adjustments: [InventoryAdjustmentInput!]!) {
      adjustInventory(input: { adjustments: $adjustments }) { userErrors { message } } }`
    const adjustment = { skuId: level?.sku.id, locationId: level?.location.id, delta: -1, reason: 'SALE' }
    const event = await whileRepeating(first(), () =>
      call({ url }, fleet.app('operator-console'), mutation, { adjustments: [adjustment] }),
    )
    await reader.cancel()
    expect(JSON.parse(event)).toMatchObject({
      data: { inventoryChanged: { reason: 'SALE', delta: -1, level: { sku: { name: expect.any(String) } } } },
    })
  })

  it('answers nobody who shows no key of an app', async () => {
    for (const app of [null, { appId: fleet.app('northwind-portal').appId, key: 'trb_test_nonsense' }]) {
      const { data, errors } = await call({ url }, app, '{ products(first: 1) { nodes { name } } }')
      expect(data?.products ?? null).toBeNull()
      expect(errors).not.toHaveLength(0)
    }
  })
})

interface Level {
  readonly available: number
  readonly sku: { readonly id: string }
  readonly location: { readonly id: string }
}

async function readiness(): Promise<number> {
  try {
    return (await fetch(`${url}/readiness`)).status
  } catch {
    // Nothing listens yet.
    return 0
  }
}

async function finished(child: ChildProcess): Promise<void> {
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`npm ended with ${code}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
