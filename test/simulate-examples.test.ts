import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningGateway, startGateway } from '../gateway/start-gateway.ts'
import { readConfig } from '../kit/config.ts'
import { createLogger } from '../kit/log.ts'
import { createGraphClient } from '../sdk/graph-client.ts'
import { demoLevels } from '../subgraphs/inventory/seed.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
let folder: string
let gateway: RunningGateway

function open(port: string): Promise<RunningGateway> {
  const config = readConfig({ PORT: port, DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'error' })
  return startGateway({ config, log: createLogger('test', 'error') })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-test-'))
  gateway = await open('0')
})
afterAll(async () => {
  await gateway?.close()
  await rm(folder, { recursive: true, force: true })
})

/** An example as a partner runs it, with a demo app's credentials. */
function start(args: readonly string[], slug: string) {
  const app = gateway.demo.find((each) => each.slug === slug)
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: {
      PATH: process.env['PATH'] ?? '',
      TRIBUTARY_URL: `${gateway.url}/graphql`,
      TRIBUTARY_APP: app?.appId,
      TRIBUTARY_KEY: app?.key,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { text: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output.text += text))
  }
  return {
    output,
    exit: once(child, 'close').then(([code]) => code as number | null),
    async printed(pattern: RegExp) {
      while (!pattern.test(output.text) && child.exitCode === null)
        await Promise.race([once(child.stdout, 'data'), once(child, 'close')])
      expect(output.text).toMatch(pattern)
    },
  }
}

async function sellOne(): Promise<void> {
  const app = gateway.demo.find(({ slug }) => slug === 'operator-console')
  const graph = createGraphClient({
    url: `${gateway.url}/graphql`,
    app: app?.appId ?? '',
    key: app?.key ?? '',
    signal: AbortSignal.timeout(20_000),
    onThrottled: () => undefined,
  })
  const level = demoLevels(new Date()).find(({ available }) => available > 10)
  const line = { skuId: level?.skuId, locationId: level?.locationId, delta: -1, reason: 'SALE' }
  await graph.request(
    'mutation ($input: AdjustInventoryInput!) { adjustInventory(input: $input) { userErrors { code } } }',
    { input: { adjustments: [line] } },
  )
}

describe('the examples', () => {
  it("shows a portal's home page from all five subgraphs", async () => {
    const { output, exit } = start(['examples/portal-home.mjs'], 'northwind-portal')
    expect(await exit).toBe(0)
    expect(output.text).not.toContain('Not shown')
    for (const part of [
      /^Northwind IT Solutions {2}Gold/m,
      /in stock/,
      /^DR-/m,
      /^Open invoices \(\d+\)/m,
      /\d+ points;/,
    ]) {
      expect(output.text).toMatch(part)
    }
  })

  it('shows what an app may see, and names the rest', async () => {
    const { output, exit } = start(['examples/portal-home.mjs'], 'northwind-stock-feed')
    expect(await exit).toBe(0)
    expect(output.text).toMatch(/in stock/)
    expect(output.text).toMatch(/^Not shown: myOrganization/m)
  })

  it('follows the stock over a restart of the server', async () => {
    const feed = start(['examples/inventory-feed.mjs', '--until', '2'], 'northwind-portal')
    await feed.printed(/stock levels read/)
    await sellOne()
    await feed.printed(/SALE +-1/)
    const { port } = new URL(gateway.url)
    await gateway.close()
    await feed.printed(/disconnected/)
    gateway = await open(port)
    // Whether the feed is back already or not: it goes on where it stopped.
    await sellOne()
    expect(await feed.exit).toBe(0)
    expect(feed.output.text.match(/^SALE +-1/gm)?.length).toBe(2)
    expect(feed.output.text).toMatch(/connected[^]*disconnected[^]*\nconnected/)
  })
})
