import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type RunningGateway, startGateway } from '../../gateway/start-gateway.ts'
import { readConfig } from '../../kit/config.ts'
import { createLogger } from '../../kit/log.ts'
import { loyaltySdl } from '../schema/loyalty.ts'
import { buildPortal, chromiumArguments, chromiumPath } from './browser.ts'

/** Where to leave screenshots for people to look at; none are taken without it. */
const screenshots = process.env['SCREENSHOTS']
const address = 'http://127.0.0.1:1/graphql'

describe.skipIf(!chromiumPath)('the page of the registry', { timeout: 120_000 }, () => {
  let dataDir: string
  let gateway: RunningGateway
  let browser: Browser
  const app = (slug: string) => {
    const found = gateway.demo.find((each) => each.slug === slug)
    if (!found) throw new Error(`the demo has no app ${slug}`)
    return found
  }

  beforeAll(async () => {
    await buildPortal()
    dataDir = await mkdtemp(join(tmpdir(), 'tributary-registry-'))
    gateway = await startGateway({
      config: readConfig({ PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'error' }),
      log: createLogger('test', 'error'),
    })
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumArguments })
    const input = { subgraph: 'loyalty', url: address, sdl: loyaltySdl({ sunset: '2027-03-01' }), reason: 'Points.' }
    await untilTrue(async () => {
      const { data } = await ask<{ publishSubgraph: { subgraphVersion: object | null } }>(
        'operator-console',
        'mutation ($input: PublishSubgraphInput!) { publishSubgraph(input: $input, idempotencyKey: "one") { subgraphVersion { id } } }',
        { input },
      )
      return data?.publishSubgraph.subgraphVersion != null
    })
    // Nobody answers at its address, and it is used all the same.
    await untilTrue(async () => {
      const { data } = await ask<object>('northwind-portal', '{ myOrganization { loyaltyPoints } }')
      return data != null
    })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await gateway?.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  async function ask<Data>(slug: string, query: string, variables: object = {}): Promise<{ data?: Data | null }> {
    const { appId, key } = app(slug)
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tributary-app': appId, 'x-tributary-key': key },
      body: JSON.stringify({ query, variables }),
    })
    return (await response.json()) as { data?: Data | null }
  }

  /** A visit with the operator's key, whose every console message is on record. */
  async function visit(options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
    })
    await page.goto(`${gateway.url}/registry/`)
    await page.getByText('This app may not read schemas').waitFor()
    await page.getByText('scope schemas:read').waitFor()
    await page.getByRole('button', { name: 'Use another key' }).last().click()
    const { appId, key } = app('operator-console')
    await page.getByLabel('App id').fill(appId)
    await page.getByLabel('Key', { exact: true }).fill(key)
    await page.getByRole('button', { name: 'Open the registry' }).click()
    return { page, problems, [Symbol.asyncDispose]: () => context.close() }
  }

  /** Sends the form again for as long as a busy machine takes longer for the checks than an operation may. */
  async function check(page: Page, sdl: string): Promise<void> {
    await page.getByLabel('SDL', { exact: true }).fill(sdl)
    await page.getByRole('button', { name: 'Check', exact: true }).click()
    for (;;) {
      await page.getByRole('button', { name: 'Check', exact: true }).waitFor()
      const again = page.getByRole('button', { name: 'Try again' })
      if (!(await again.isVisible())) return
      await again.click()
    }
  }

  it('tells who may read it what is published, when and why, how it is reached, and what the checks said then', async () => {
    await using visited = await visit()
    const { page, problems } = visited
    const row = page.getByRole('row', { name: /loyalty/ })
    for (const text of ['Operator Console', 'Points.', address, 'version 1']) await row.getByText(text).waitFor()
    await row.getByRole('link', { name: 'version 1' }).click()
    await page.getByText('What the checks said then').waitFor()
    expect(page.url()).toMatch(/\/registry\/\?view=version&id=sgv_\w+$/)
    // What is in the address can be sent to others, and looked at again.
    await page.reload()
    const warning = page.getByRole('table', { name: /worth mending/ }).getByRole('row', { name: /TENANCY/ })
    await warning.getByText('type Organization @key(fields: "id") @authenticated {').waitFor()
    await page.getByRole('link', { name: 'what changed' }).click()
    await page.getByText('1 safe change').click()
    await page.getByText("Field 'loyaltyPoints' was added").waitFor()
    await page.getByRole('link', { name: 'Going away' }).click()
    await page.getByRole('row', { name: /Organization\.loyaltyPoints.*2027-03-01/ }).waitFor()
    await page.getByRole('link', { name: 'Gateways' }).click()
    await untilTrue(async () => {
      await page.getByRole('button', { name: 'Look again' }).click()
      await page.getByRole('table').first().waitFor()
      return await page.getByRole('row', { name: /loyalty unreachable tcp/ }).isVisible()
    })
    await page.getByText('serves supergraph 1').waitFor()
    expect(problems).toEqual([])
  })

  it('checks a text: what is wrong and where, the query that fails, and whom it would break with whom to write to', async () => {
    await using visited = await visit()
    const { page, problems } = visited
    await page.getByRole('link', { name: 'Check', exact: true }).click()
    await page.getByLabel('Subgraph', { exact: true }).fill('loyalty')
    await check(page, loyaltySdl({ key: 'nickname' }))
    const unsatisfiable = page
      .getByRole('table', { name: /errors? to mend/ })
      .getByRole('row', { name: /SATISFIABILITY/ })
    await unsatisfiable.getByText('nickname: ID!').first().waitFor()
    await unsatisfiable.getByText('The query that no plan could answer').first().waitFor()
    // Usage is told every ten seconds.
    await untilTrue(async () => {
      await check(page, loyaltySdl({ field: 'points' }))
      return await page.getByText('It cannot be published so.').isVisible()
    })
    const breaking = page.getByRole('table', { name: /1 breaking/ })
    await breaking.getByText('Northwind Partner Portal').waitFor()
    expect(await breaking.getByRole('link').first().getAttribute('href')).toMatch(/^mailto:.+@northwind\.example$/)
    await check(page, loyaltySdl({ sunset: '2027-03-01' }))
    await page.getByText('Nothing would break.').waitFor()
    await page.getByLabel('Subgraph', { exact: true }).fill('partner')
    await check(page, loyaltySdl())
    await page.getByText('Choose another name, or say replaceShipped to take its place.').waitFor()
    expect(problems).toEqual([])
  })

  it.each([
    ['a desktop', {}],
    ['a dark phone', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' as const }],
  ])('has no fault that axe knows on %s, and fits without scrolling sideways', async (name, options) => {
    await using visited = await visit(options)
    const { page, problems } = visited
    await page.getByRole('row', { name: /loyalty/ }).waitFor()
    const look = async (what: string): Promise<void> => {
      if (screenshots) await page.screenshot({ path: `${screenshots}/registry-${what}-on-${name}.png`, fullPage: true })
      await page.evaluate(`${axe.source}; undefined`)
      const { violations } = (await page.evaluate('axe.run()')) as { violations: { id: string; help: string }[] }
      expect(violations.map(({ id, help }) => `${what}: ${id}, ${help}`)).toEqual([])
      const width = page.viewportSize()?.width ?? 0
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    }
    await look('subgraphs')
    await page.getByRole('link', { name: 'version 1' }).click()
    await page.getByText('What the checks said then').waitFor()
    await look('version')
    await page.getByRole('link', { name: 'Check', exact: true }).click()
    await page.getByLabel('SDL', { exact: true }).waitFor()
    await look('check')
    await page.getByRole('link', { name: 'Sandbox' }).click()
    await page.getByRole('link', { name: 'Subgraphs', exact: true }).click()
    await page.getByText('Nothing is published here.').waitFor()
    await look('empty')
    expect(problems).toEqual([])
  })
})

/** Does something again until it has come true; the test's own time ends it. */
async function untilTrue(look: () => Promise<boolean>): Promise<void> {
  await vi.waitUntil(look, { timeout: 60_000, interval: 250 })
}
