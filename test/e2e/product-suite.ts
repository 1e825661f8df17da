import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { awaitMail } from '../auth/outbox.ts'
import { apply, belowHead, choosePasswordAndSignIn, textOf } from '../auth/sign-up-visit.ts'
import { createVisitor } from '../auth/visitor.ts'
import { type TestDatabase, openReplicaSetDatabase } from '../storage/test-database.ts'
import { call } from './call.ts'
import { type Product, type Shape, root, startProduct } from './product.ts'
import { describeWebhooks } from './product-webhooks.ts'
import { firstEvent, openWebSocket, streamClients } from './streams.ts'
import { whileRepeating } from './while-repeating.ts'

const run = promisify(execFile)

const stockStream = `subscription {
  inventoryChanged { id reason delta level { id available location { code } sku { id code name price { unitPrice { amount } } } } }
}`

/** What every way of running the product must do, seen from outside. */
export function describeProduct(shape: Shape, front: 'tributary' | 'apollo' = 'tributary'): void {
  describe(`the product in ${shape}, front ${front}`, () => {
    /** Of the replica set that TEST_MONGODB_URI names; undefined for the product's own. */
    let database: TestDatabase | undefined
    let product: Product & { readonly dataDir: string }
    let levels: { skuId: string; locationId: string; code: string; location: string }[]

    beforeAll(async () => {
      database = await openReplicaSetDatabase()
      const stored = database === undefined ? {} : { MONGODB_URI: database.uri, DEMO: 'true' }
      const env = { HTTP_FRONT: front, WEBHOOK_ALLOWED_NETWORKS: '127.0.0.1/32', ...stored }
      product = await startProduct(shape, { env })
      const { data, errors } = await call(
        product,
        product.operator,
        '{ inventoryLevels(first: 20) { nodes { available sku { id code } location { id code } } } }',
      )
      expect(errors, product.output()).toBeUndefined()
      levels = (data.inventoryLevels.nodes as LevelNode[])
        .filter(({ available }) => available > 5)
        .map(({ sku, location }) => ({
          skuId: sku.id,
          locationId: location.id,
          code: sku.code,
          location: location.code,
        }))
    })
    afterAll(async () => {
      await product[Symbol.asyncDispose]()
      await database?.[Symbol.asyncDispose]()
    })

    /** Sells one piece; the answer is asserted, so that a stream is never waited for in vain. */
    const sellOne = async (index = 0): Promise<void> => {
      const level = levels[index]
      const { data } = await call(
        product,
        product.operator,
        `mutation ($adjustments: [InventoryAdjustmentInput!]!) {
          adjustInventory(input: { adjustments: $adjustments }) { levels { id } userErrors { code message } } }`,
        {
          adjustments: [{ skuId: level?.skuId, locationId: level?.locationId, delta: -1, reason: 'SALE' }],
        },
      )
      expect(data.adjustInventory.userErrors).toEqual([])
    }

    it('gives an app a token at the authorization server, which every gateway takes until it is revoked', async () => {
      const discovery = await fetch(`${product.url}/.well-known/oauth-authorization-server`)
      const server = (await discovery.json()) as { issuer: string; token_endpoint: string; revocation_endpoint: string }
      // Discovery leads to the issuer itself, be it the gateway or another process.
      expect(discovery.url).toBe(`${server.issuer}/.well-known/oauth-authorization-server`)
      const { appId, key } = product.portal
      const headers = { authorization: `Basic ${Buffer.from(`${appId}:${key}`).toString('base64')}` }
      const post = (url: string, fields: Record<string, string>) =>
        fetch(url, { method: 'POST', headers, body: new URLSearchParams(fields) })
      const grant = { grant_type: 'client_credentials', scope: 'partner:read' }
      const { access_token: token } = (await (await post(server.token_endpoint, grant)).json()) as {
        access_token: string
      }
      const ask = async () => {
        const response = await fetch(`${product.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ query: '{ myOrganization { name } }' }),
        })
        return (await response.json()) as { data?: { myOrganization: { name: string } } }
      }
      expect((await ask()).data?.myOrganization.name).toBe('Northwind IT Solutions')
      await post(server.revocation_endpoint, { token })
      // How soon is shown where one process has the machine for itself: test/auth/flows.test.ts.
      await expect.poll(async () => (await ask()).data).toBeUndefined()
    })

    it('answers the printed curl command with data of all five subgraphs and the cost', async () => {
      const { stdout } = await run('bash', ['-c', product.curls[0]])
      const { data, errors, extensions } = JSON.parse(stdout)
      expect(errors).toBeUndefined()
      expect(data.myOrganization).toMatchObject({ type: 'RESELLER', tier: { name: 'Gold' } })
      expect(data.myOrganization.apps.nodes[0].plan.name).toEqual(expect.any(String))
      expect(data.myOrganization.dealRegistrations.totalCount).toBeGreaterThan(0)
      expect(data.myOrganization.invoices.nodes[0].total).toEqual({
        amount: expect.stringMatching(/^\d+\.\d\d$/),
        currencyCode: expect.stringMatching(/^[A-Z]{3}$/),
      })
      const [product0] = data.products.nodes
      expect(product0.skus.nodes[0].price.unitPrice.amount).toMatch(/^\d+\.\d\d$/)
      expect(product0.skus.nodes[0].inventory[0].location.name).toEqual(expect.any(String))
      const { requestedQueryCost, actualQueryCost, throttleStatus } = extensions.cost
      expect(requestedQueryCost).toBeGreaterThanOrEqual(actualQueryCost)
      expect(actualQueryCost).toBeGreaterThan(0)
      expect(throttleStatus.currentlyAvailable).toBeLessThanOrEqual(throttleStatus.maximumAvailable)
    })

    it('shows an event on the printed stream command when stock moves', async () => {
      const curl = spawn('bash', ['-c', `exec ${product.curls[1]}`], { stdio: ['ignore', 'pipe', 'inherit'] })
      try {
        const event = await whileRepeating(firstEvent(curl.stdout), () => sellOne())
        expect(event.data.inventoryChanged).toMatchObject({ reason: 'SALE', delta: -1 })
        expect(event.data.inventoryChanged.level.sku.name).toEqual(expect.any(String))
      } finally {
        curl.kill()
      }
    })

    it.each(Object.entries(streamClients))(
      'streams stock to %s with fields of other subgraphs',
      async (_name, open) => {
        await using stream = await open(product, product.portal, stockStream)
        const { data, errors } = await whileRepeating(stream.next(), () => sellOne(1))
        expect(errors).toBeUndefined()
        expect(data.inventoryChanged).toMatchObject({
          reason: 'SALE',
          level: { location: { code: levels[1]?.location }, sku: { code: levels[1]?.code } },
        })
        expect(data.inventoryChanged.level.sku.price.unitPrice.amount).toMatch(/^\d+\.\d\d$/)
      },
    )

    it('leaves out of a stream what the app may not see, and says so', async () => {
      await using stream = await openWebSocket(product, product.stockFeed, stockStream)
      const { data, errors } = await whileRepeating(stream.next(), () => sellOne(2))
      expect(data.inventoryChanged.level.sku).toMatchObject({ code: levels[2]?.code, price: null })
      expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['FORBIDDEN'])
    })

    it("streams a deal to the partner that registered it and to no other organization's app", async () => {
      const dealStream = 'subscription { dealChanged { type state deal { number organization { name } } } }'
      await using mine = await openWebSocket(product, product.portal, dealStream)
      await using refused = await openWebSocket(product, product.trial, dealStream)
      const refusal = refused.next()
      let attempt = 0
      const { data } = await whileRepeating(mine.next(), () => registerDeal(product, `stream-${attempt++}`))
      expect(data.dealChanged).toMatchObject({ type: 'deal.submitted', deal: { organization: { name: /Northwind/ } } })
      const { data: none, errors } = await refusal
      expect(none?.dealChanged ?? null).toBeNull()
      expect(errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN')
    })

    it('decides a registered deal, and refuses the same customer to others without naming anyone', async () => {
      const { id, version } = await registerDeal(product, 'decide')
      const duplicate = await call(product, product.portal, registerMutation, await dealInput(product, 'decide'))
      expect(duplicate.data.registerDeal.userErrors).toMatchObject([{ code: 'DUPLICATE_REGISTRATION' }])
      const decided = await call(
        product,
        product.operator,
        `mutation ($input: DecideDealInput!) { decideDeal(input: $input) {
          dealRegistration { state protectedUntil decision { outcome } } userErrors { code message } } }`,
        { input: { id, decision: 'APPROVE', reason: 'Well qualified', expectedVersion: version } },
      )
      expect(decided.data.decideDeal).toMatchObject({
        dealRegistration: { state: 'APPROVED', decision: { outcome: expect.any(String) } },
        userErrors: [],
      })
    })

    it('answers a denied field with null and a coded error, the rest intact', async () => {
      const { status, data, errors } = await call(
        product,
        product.stockFeed,
        '{ products(first: 1) { nodes { name skus(first: 1) { nodes { code price { unitPrice { amount } } } } } } }',
      )
      expect(status).toBe(200)
      expect(data.products.nodes[0].skus.nodes[0]).toMatchObject({ code: expect.any(String), price: null })
      expect(errors).toEqual([
        {
          message: expect.stringContaining('Sku.price'),
          path: ['products', 'nodes', 'skus', 'nodes', 'price'],
          extensions: { code: 'FORBIDDEN', coordinate: 'Sku.price', requiredScopes: expect.any(Array) },
        },
      ])
    })

    it("keeps another organization's data from a partner, by id and by mutation", async () => {
      const { data: all } = await call(product, product.operator, '{ organizations(first: 50) { nodes { id name } } }')
      const other = (all.organizations.nodes as { id: string; name: string }[]).find(
        ({ name }) => !/Northwind/.test(name),
      )
      const { data } = await call(product, product.portal, 'query ($id: ID!) { organization(id: $id) { name } }', {
        id: other?.id,
      })
      expect(data.organization).toBeNull()
      const stock = await call(
        product,
        product.portal,
        'mutation { adjustInventory(input: { adjustments: [] }) { userErrors { code } } }',
      )
      expect(stock.data.adjustInventory).toBeNull()
      expect(stock.errors?.[0]?.extensions['code']).toBe('FORBIDDEN')
    })

    it('refuses a query over the plan’s cost before any fetch, naming the dearest fields', async () => {
      const { status, data, errors } = await call(
        product,
        product.trial,
        '{ products(first: 250) { nodes { name skus(first: 50) { nodes { code name } } } } }',
      )
      expect(status).toBe(400)
      expect(data).toBeUndefined()
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'COST_LIMIT_EXCEEDED', maximumQueryCost: 500 })
      const dearest = errors?.[0]?.extensions['dearestFields'] as { coordinate: string }[]
      expect(dearest[0]?.coordinate).toBe('SkuConnection.nodes')
    })

    const firstProducts = (first: number) =>
      call(product, product.trial, `{ products(first: ${first}) { nodes { name } } }`)
    it('throttles a drained bucket with the time to wait, in the body and in Retry-After', async () => {
      // Each time another page size: an answer that was kept costs a point only.
      let answer = await firstProducts(200)
      for (let calls = 1; answer.status === 200 && calls < 50; calls++) answer = await firstProducts(200 - calls)
      expect(answer.status).toBe(429)
      expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'THROTTLED', retryAfter: expect.any(Number) })
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      expect(answer.extensions?.cost?.actualQueryCost).toBeNull()
    })

    it('knows nobody without credentials, with a made-up key, or with another app’s key', async () => {
      const answers = [
        await call(product, null, '{ products { nodes { name } } }'),
        await call(product, { appId: product.portal.appId, key: 'trb_test_nonsense' }, '{ __typename }'),
        await call(product, { appId: product.portal.appId, key: product.trial.key }, '{ __typename }'),
      ]
      for (const { status, errors } of answers) {
        expect(status).toBe(401)
        expect(errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED')
      }
      await using stream = await openWebSocket(product, { ...product.portal, key: product.trial.key }, stockStream)
      await expect(stream.next()).rejects.toMatchObject({ code: 4403 })
    })

    it('meters what the portal used', async () => {
      const before = await usage(product)
      await expect.poll(async () => (await usage(product)).calls).toBeGreaterThan(before.calls)
    })

    it('serves a page at / and its health', async () => {
      const page = await fetch(`${product.url}/`)
      expect(page.headers.get('content-type')).toContain('text/html')
      expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
      expect(await (await fetch(`${product.url}/health`)).json()).toMatchObject({ status: 'ok' })
      expect(await (await fetch(`${product.url}/portal/session`)).json()).toMatchObject({
        demo: { appId: product.portal.appId, key: product.portal.key },
        samples: [{}, {}, {}],
      })
    })

    it('keeps the demo key from a browser that reached it by another name', async () => {
      const { stdout } = await run('curl', ['-sS', '-H', 'host: evil.example', `${product.url}/portal/session`])
      expect(JSON.parse(stdout)).toMatchObject({ demo: null })
    })

    it('leads a stranger from an application over mails and a password to an app whose key calls', async () => {
      const { status, headers } = await fetch(`${product.url}/oauth/apply`, { redirect: 'manual' })
      const origin = status === 307 ? new URL(headers.get('location') ?? '').origin : product.url
      const email = 'ada@stranger.example'
      await apply(origin, { applicantEmail: email, name: 'Stranger & Sons' })
      const visitor = createVisitor(origin)
      const [confirmation = ''] = (await awaitMail(product.dataDir, email, 'Confirm')).links
      await visitor.submit(await visitor.open(confirmation), {})
      const [link = ''] = (await awaitMail(product.dataDir, email, 'Stranger & Sons is a partner now')).links
      const home = await choosePasswordAndSignIn(visitor, { link, email, password: 'two words and a third' })
      expect(textOf(home)).toContain('Stranger & Sons, signed in as Ada Boss (ADMIN)')
      const form = belowHead(await visitor.open('/oauth/account/new-app'))
      const app = await visitor.submit(form, { name: 'First', environment: 'SANDBOX', scope: 'catalog:read' })
      const keyPage = await visitor.submit(belowHead(app), { action: 'create-key', label: 'first' })
      const appId = /App id <code>(app_\w+)/.exec(app.html)?.[1] ?? ''
      const key = /<input class="key"[^>]*value="(trb_test_[^"]+)"/.exec(keyPage.html)?.[1] ?? ''
      const { data, errors } = await call(product, { appId, key }, '{ products(first: 1) { nodes { name } } }')
      expect(errors, product.output()).toBeUndefined()
      expect(data.products.nodes).toHaveLength(1)
    })

    describeWebhooks(() => product)

    it('gives each example a working graph', async () => {
      const env = {
        ...process.env,
        TRIBUTARY_URL: `${product.url}/graphql`,
        TRIBUTARY_APP: product.portal.appId,
        TRIBUTARY_KEY: product.portal.key,
      }
      const home = await run(process.execPath, ['examples/portal-home.mjs'], { cwd: root, env })
      expect(home.stdout).toMatch(/Northwind/)
      const feed = run(process.execPath, ['examples/inventory-feed.mjs', '--until', '3'], { cwd: root, env })
      const simulate = async () => {
        const { appId, key } = product.operator
        const graph = ['--url', `${product.url}/graphql`, '--app', appId, '--key', key]
        const feedFile = ['inventory-levels', 'examples/stock.csv', '--again']
        await run(process.execPath, ['dist/cli/import-main.js', ...feedFile, ...graph], { cwd: root })
        const trades = ['--count', '5', '--rate', '50', '--seed', '7']
        await run(process.execPath, ['dist/simulate/main.js', ...trades, ...graph], { cwd: root })
      }
      const { stdout } = await whileRepeating(feed, simulate)
      expect(stdout.split('\n').length).toBeGreaterThan(3)
    })
  })
}

interface LevelNode {
  readonly available: number
  readonly sku: { readonly id: string; readonly code: string }
  readonly location: { readonly id: string; readonly code: string }
}

const registerMutation = `mutation ($input: RegisterDealInput!) { registerDeal(input: $input) {
  dealRegistration { id version state } userErrors { code field message } } }`

async function dealInput(product: Product, name: string): Promise<{ input: object }> {
  const { data } = await call(product, product.operator, '{ dealRegistrations(first: 1) { nodes { product { id } } } }')
  return {
    input: {
      customer: { name: `Customer ${name}`, domain: `${name}.example`, country: 'DE' },
      productId: data.dealRegistrations.nodes[0].product.id,
      estimatedValue: { amount: '25000.00', currencyCode: 'EUR' },
      expectedCloseDate: new Date(Date.now() + 30 * 86_400_000).toISOString(),
    },
  }
}

async function registerDeal(product: Product, name: string): Promise<{ id: string; version: number }> {
  const { data, errors } = await call(product, product.portal, registerMutation, await dealInput(product, name))
  expect(errors).toBeUndefined()
  expect(data.registerDeal.userErrors).toEqual([])
  return data.registerDeal.dealRegistration
}

async function usage(product: Product): Promise<{ calls: number; cost: number }> {
  const { data } = await call(product, product.portal, '{ myApp { usage { calls cost } } }')
  return data.myApp.usage
}
