import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPortal, chromiumArguments, chromiumPath, portalFolder as folder } from './browser.ts'
import { startMockGraph, type MockGraph } from './mock-graph.ts'

if (!chromiumPath)
  process.stdout.write('test/portal: skipped, no Chromium is installed (Debian: apt install chromium)\n')

describe.skipIf(!chromiumPath)('the page at /', () => {
  let browser: Browser

  beforeAll(async () => {
    await buildPortal()
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumArguments })
  }, 120_000)

  afterAll(() => browser?.close())

  /** A visit whose every request and console message is on record. */
  async function visit(graph: MockGraph, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    const page = await context.newPage()
    // Below the test's own limit, so that what did not appear is named.
    page.setDefaultTimeout(15_000)
    const hosts = new Set<string>()
    const problems: string[] = []
    page.on('request', (request) => hosts.add(new URL(request.url()).host))
    page.on('websocket', (socket) => hosts.add(new URL(socket.url()).host))
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
    })
    await page.goto(graph.url)
    return { page, hosts, problems, [Symbol.asyncDispose]: () => context.close() }
  }

  it('shows the demo caller, runs a sample query and tells its cost and what is left', async () => {
    await using graph = await startMockGraph({ folder })
    await using visited = await visit(graph)
    const { page } = visited

    const caller = page.getByRole('region', { name: 'Caller' })
    for (const text of ['Harborview Partner Portal', 'Harborview Systems', 'Growth', 'catalog:read', '10,000 points']) {
      await caller.getByText(text, { exact: false }).first().waitFor()
    }
    await run(page)
    await page.getByText('248 points charged').waitFor()
    await page.getByText('estimated 309').waitFor()
    expect(await response(page)).toContain('AP-650 ceiling access point')
    const left = Number(await page.getByRole('meter').getAttribute('aria-valuenow'))
    expect(left).toBeGreaterThan(9_500)
    expect(left).toBeLessThan(10_000)
    expect([...visited.hosts]).toEqual([new URL(graph.url).host])
    expect(visited.problems).toEqual([])
  })

  it('receives the events of the subscription sample until it is stopped', async () => {
    await using graph = await startMockGraph({ folder })
    await using visited = await visit(graph)
    const { page } = visited

    await page.getByRole('tab', { name: 'LiveInventory' }).click()
    await run(page)
    await graph.subscribed
    graph.publish({ sku: 'sku_ap650', location: 'Rotterdam', available: 118 })
    await page.getByText('LiveInventory is live.').waitFor()
    await page.getByText('1 event received, 3 points each').waitFor()
    expect(await response(page)).toContain('Rotterdam')
    await page.getByRole('button', { name: /stop/i }).click()
    await page.getByText('LiveInventory has ended').waitFor()
    await graph.unsubscribed
    expect([...visited.hosts]).toEqual([new URL(graph.url).host])
    expect(visited.problems).toEqual([])
  })

  it('keeps the key out of localStorage and of what the explorer remembers, before and after a reload', async () => {
    await using graph = await startMockGraph({ folder })
    await using visited = await visit(graph)
    const { page } = visited

    await run(page)
    await page.getByText('248 points charged').waitFor()
    await page.reload()
    await run(page)
    await page.getByText('248 points charged').waitFor()
    expect(await page.evaluate('JSON.stringify({ ...localStorage })')).toBe('{}')
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage })')).not.toContain('trb_test_')
    expect(await page.evaluate('document.documentElement.outerHTML')).not.toContain('trb_test_')
  })

  it('asks for an app id and a key where there is no demo caller, and keeps them for the browser tab only', async () => {
    await using graph = await startMockGraph({ folder, demo: false })
    await using visited = await visit(graph)
    const { page } = visited

    await page.getByLabel('App id').fill(graph.caller.appId)
    await page.getByLabel('Key', { exact: true }).fill('trb_test_unknown')
    await page.getByRole('button', { name: 'Open the explorer' }).click()
    await page.getByText('The app id or the key is not known.').waitFor()
    expect(await page.evaluate('sessionStorage.length')).toBe(0)

    await page.getByLabel('Key', { exact: true }).fill(graph.caller.key)
    await page.getByRole('button', { name: 'Open the explorer' }).click()
    await run(page)
    await page.getByText('248 points charged').waitFor()
    expect(await page.evaluate('JSON.stringify({ ...localStorage })')).toBe('{}')

    await page.getByRole('button', { name: 'Forget this key' }).click()
    await page.getByLabel('App id').waitFor()
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage })')).not.toContain(graph.caller.key)
  })

  it('takes another key in place of the demo caller, and goes back to it', async () => {
    await using graph = await startMockGraph({ folder })
    await using visited = await visit(graph)
    const { page } = visited

    await page.getByRole('button', { name: 'Use another key' }).click()
    await page.getByLabel('App id').fill(graph.caller.appId)
    await page.getByLabel('Key', { exact: true }).fill(graph.caller.key)
    await page.getByRole('button', { name: 'Open the explorer' }).click()
    await page.getByText('Your key', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Forget this key' }).click()
    await page.getByText('Demo caller', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Use another key' }).click()
    await page.getByRole('button', { name: 'Use the demo caller' }).click()
    await page.getByText('Demo caller', { exact: true }).waitFor()
    expect(visited.problems).toEqual([])
  })

  it('says when there will be enough in a drained bucket', async () => {
    await using graph = await startMockGraph({ folder })
    await using visited = await visit(graph)
    const { page } = visited

    await page.getByRole('meter').waitFor()
    graph.bucket.drainTo(289)
    await run(page)
    await page.getByText('PartnerHomePage has to wait for the bucket').waitFor()
    await page.getByText(/There will be enough in [1-5] s/).waitFor()
    await page.getByText('There is enough now').waitFor()
  })

  it('says that the server is away, both at the first look and in the middle of the work', async () => {
    await using graph = await startMockGraph({ folder })
    await using visited = await visit(graph)
    const { page } = visited

    await page.route('**/portal/session', (route) => route.abort())
    await page.reload()
    await page.getByText('The server does not answer').waitFor()
    await page.unroute('**/portal/session')
    await page.getByRole('button', { name: 'Try again' }).click()
    await run(page)
    await page.getByText('248 points charged').waitFor()

    await graph.stop()
    await run(page)
    await page.getByText('PartnerHomePage failed').waitFor()
  })

  it('fits a phone without scrolling sideways, in light and in dark', async () => {
    await using graph = await startMockGraph({ folder })
    for (const colorScheme of ['light', 'dark'] as const) {
      await using visited = await visit(graph, { viewport: { width: 390, height: 844 }, colorScheme })
      const { page } = visited
      await run(page)
      await page.getByText('248 points charged').waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
      expect(visited.problems).toEqual([])
    }
  })
})

/** Presses GraphiQL's run button, once the editor has loaded its schema and knows its operation. */
async function run(page: Page): Promise<void> {
  await page.locator('.graphiql-query-editor .view-lines').getByText('{').first().waitFor()
  await page.getByRole('button', { name: /execute query/i }).click()
}

/** The text in the response editor. */
async function response(page: Page): Promise<string> {
  const lines = page.locator('.graphiql-response .view-lines')
  await lines.getByText('}').first().waitFor()
  // Monaco writes non-breaking spaces.
  return (await lines.innerText()).replaceAll('\u00a0', ' ')
}
