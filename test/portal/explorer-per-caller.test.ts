import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSchema } from 'graphql'
import { type Browser, type Page, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningGateway, startGateway } from '../../gateway/start-gateway.ts'
import { readConfig } from '../../kit/config.ts'
import { createLogger } from '../../kit/log.ts'
import { demoAppKey, demoApps } from '../../subgraphs/demo-world/apps.ts'
import { type DemoDatabase, demoSecret, openDemoDatabase } from '../storage/demo-database.ts'
import { buildPortal, chromiumArguments, chromiumPath } from './browser.ts'

describe.skipIf(!chromiumPath)('the explorer', () => {
  let dataDir: string
  let database: DemoDatabase
  let gateway: RunningGateway
  let browser: Browser

  beforeAll(async () => {
    await buildPortal()
    dataDir = await mkdtemp(join(tmpdir(), 'tributary-explorer-'))
    database = await openDemoDatabase()
    const config = readConfig({ PORT: '0', DATA_DIR: dataDir, ...database.settings })
    gateway = await startGateway({ config, log: createLogger('test', 'error') })
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumArguments })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await gateway?.close()
    await database?.[Symbol.asyncDispose]()
    await rm(dataDir, { recursive: true, force: true })
  })

  it('documents and completes what the caller may call, and what the next caller may when the key is changed', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 1000 } })
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    await page.goto(gateway.url)
    const portal = await rootFields(page)
    expect(portal).toContain('mutation: Mutation')
    await page.getByRole('link', { name: 'Query', exact: true }).click()
    await page.locator('.graphiql-plugin').getByText('dealRegistrations').first().waitFor()

    await page.getByRole('button', { name: 'Use another key' }).click()
    const trial = demoApps.find(({ slug }) => slug === 'contoso-trial')
    await page.getByLabel('App id').fill(trial?.id ?? '')
    await page.getByLabel('Key', { exact: true }).fill(demoAppKey(demoSecret, 'contoso-trial'))
    await page.getByRole('button', { name: 'Open the explorer' }).click()
    await page.getByText('Your key', { exact: true }).waitFor()
    const small = await rootFields(page)
    expect(small).not.toContain('mutation: Mutation')
    await page.getByRole('link', { name: 'Query', exact: true }).click()
    const fields = page.locator('.graphiql-plugin')
    await fields.getByText('products', { exact: true }).first().waitFor()
    expect(await fields.innerText()).not.toContain('dealRegistrations')
    await context.close()
  })

  it('opens a contract or version by its link, asks there alone, and says so where a name is none', async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    const asked: string[] = []
    page.on('request', (request) => asked.push(`${new URL(request.url()).pathname} ${request.postData() ?? ''}`))
    const sockets: string[] = []
    page.on('websocket', (socket) => sockets.push(new URL(socket.url()).pathname))
    const introspected = () =>
      asked.filter((each) => each.includes('IntrospectionQuery')).map((each) => each.split(' ')[0])
    // As three months before its end.
    await page.route('**/portal/session', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).replace('"endsSoon":false', '"endsSoon":true') })
    })

    await page.goto(`${gateway.url}/?contract=public`)
    const choice = page.getByLabel('Contract or version')
    await page.getByText('For everybody who signs up').waitFor()
    expect(await choice.inputValue()).toBe('public')
    const root = await rootFields(page)
    expect(root).not.toContain('subscription: Subscription')
    expect(introspected()).toEqual(['/graphql/public'])

    await choice.selectOption('2026-10')
    await page.getByText('Version 2026-10 ends on 1 October 2027').waitFor()
    expect(new URL(page.url()).search).toBe('?contract=2026-10')
    await page.getByRole('tab', { name: 'StockFeed' }).click()
    await page.locator('.graphiql-query-editor .view-lines').getByText('inventoryChanged').first().waitFor()
    await page.getByRole('button', { name: /execute query/i }).click()
    await page.getByText('StockFeed is open and waits for its first event').waitFor()
    expect(sockets).toEqual(['/graphql/2026-10'])
    expect(introspected().at(-1)).toBe('/graphql/2026-10')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download the schema' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('2026-10.graphql')
    expect(asked).toContain('/graphql/2026-10/schema.graphql ')
    await page.getByRole('button', { name: 'Open partner' }).click()
    await page.waitForURL('**/?contract=partner')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)

    await page.goto(`${gateway.url}/?contract=nobody`)
    await page.getByText('There is no contract or version “nobody”').waitFor()
    expect(await choice.inputValue()).toBe('')
    await rootFields(page)
    expect(introspected().at(-1)).toBe('/graphql')
    await context.close()
  })

  it('leads to the registry, which runs without inline styles and opens to the operator alone', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    const response = await page.goto(`${gateway.url}/registry`)
    expect(response?.headers()['content-security-policy']).toMatch(/script-src 'self'; style-src 'self';/)
    await page.getByText('This app may not read schemas').waitFor()
    await page.getByRole('button', { name: 'Use another key' }).last().click()
    const operator = demoApps.find(({ slug }) => slug === 'operator-console')
    await page.getByLabel('App id').fill(operator?.id ?? '')
    await page.getByLabel('Key', { exact: true }).fill(demoAppKey(demoSecret, 'operator-console'))
    await page.getByRole('button', { name: 'Open the registry' }).click()
    await page.getByText('Nothing is published here.').waitFor()
    await page.getByRole('link', { name: 'Gateways' }).click()
    await page.getByText('serves the product alone').waitFor()
    await context.close()
  })

  it('lets the caller download the same schema', async () => {
    const context = await browser.newContext({ acceptDownloads: true })
    const page = await context.newPage()
    await page.goto(gateway.url)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download the schema' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('schema.graphql')
    const schema = buildSchema(await readFile(await download.path(), 'utf8'))
    expect(Object.keys(schema.getMutationType()?.getFields() ?? {})).toContain('registerDeal')
    expect(Object.keys(schema.getMutationType()?.getFields() ?? {})).not.toContain('decideDeal')
    await context.close()
  })
})

/** Opens the documentation and reads its root types. */
async function rootFields(page: Page): Promise<string> {
  const panel = page.locator('.graphiql-plugin')
  const open = page.getByRole('button', { name: 'Show Documentation Explorer' })
  await page.locator('.graphiql-query-editor .view-lines').first().waitFor()
  if (await open.isVisible()) await open.click()
  await panel.getByText('query: Query').waitFor()
  return panel.innerText()
}
