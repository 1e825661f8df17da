import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPortal, chromiumArguments, chromiumPath, portalFolder as folder } from './browser.ts'
import { type MockGraph, startMockGraph } from './mock-graph.ts'
import { mockRegistry, mockSdl } from './mock-registry.ts'

/** Where to leave screenshots for people to look at; none are taken without it. */
const screenshots = process.env['SCREENSHOTS']

const titles: Readonly<Record<string, string>> = {
  History: 'What was published',
  Gateways: 'Gateways',
  Changes: 'What changed',
  'Going away': 'What goes away',
}

describe.skipIf(!chromiumPath)('the page of the registry', () => {
  let browser: Browser
  beforeAll(async () => {
    await buildPortal()
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumArguments })
  }, 120_000)
  afterAll(() => browser?.close())

  /** A visit whose every console message is on record. */
  async function visit(graph: MockGraph, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
    })
    await page.goto(`${graph.url}registry/`)
    return { page, problems, [Symbol.asyncDispose]: () => context.close() }
  }

  it('tells what is published, by whom, why and how it is reached, and what the checks said then', async () => {
    await using graph = await startMockGraph({ folder, graph: mockRegistry() })
    await using visited = await visit(graph)
    const { page, problems } = visited
    const row = page.getByRole('row', { name: /loyalty/ })
    for (const text of ['app_operator', 'Change number 30.', 'loyalty.internal', 'unreachable', 'ECONNREFUSED']) {
      await row.getByText(text).first().waitFor()
    }
    await row.getByRole('link', { name: 'version 30' }).click()
    await page.getByText('What the checks said then').waitFor()
    // What is in the address can be sent to others, and looked at again.
    expect(page.url()).toBe(`${graph.url}registry/?view=version&id=sgv_30`)
    await page.reload()
    const warning = page.getByRole('table', { name: /1 warning worth mending/ }).getByRole('row', { name: /TENANCY/ })
    await warning.getByText('type Organization @key(fields: "id") @authenticated {').waitFor()
    await page.getByRole('link', { name: 'what changed' }).click()
    await page.getByText('1 safe change').click()
    const added = page.getByRole('row', { name: /Field 'loyaltyPoints' was added/ })
    await added.getByText('partner, internal', { exact: true }).waitFor()
    await page.getByLabel('From supergraph').selectOption('30')
    await page.getByText('Nothing changes for clients.').waitFor()
    await page.goBack()
    await page.getByText('1 safe change').waitFor()
    expect(problems).toEqual([])
  })

  it('says of an environment that nothing is published in it, and how that begins', async () => {
    await using graph = await startMockGraph({ folder, graph: mockRegistry() })
    await using visited = await visit(graph)
    const { page } = visited
    await page.getByRole('link', { name: 'Sandbox' }).click()
    await page.getByText('Nothing is published here.').waitFor()
    await page.getByText('tributary subgraph new loyalty').waitFor()
  })

  it('pages through the history, and tells what goes away with its users, and what each gateway serves', async () => {
    await using graph = await startMockGraph({ folder, graph: mockRegistry() })
    await using visited = await visit(graph)
    const { page, problems } = visited
    await page.getByRole('link', { name: 'History' }).click()
    await page.getByText('Change number 11.').waitFor()
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByText('Change number 10.').waitFor()
    expect(await page.getByRole('button', { name: 'Older' }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Newer' }).click()
    await page.getByText('Change number 30.').waitFor()
    await page.getByRole('link', { name: 'Going away' }).click()
    const going = page.getByRole('row', { name: /Organization\.level .*2027-03-01/ })
    await going.getByText('Northwind Partner Portal').waitFor()
    await page.getByRole('link', { name: 'Gateways' }).click()
    await page.getByText('serves supergraph 29, not the newest').waitFor()
    await page.getByText('It has refused supergraph 30').waitFor()
    await page.getByText('20, 7 failed').waitFor()
    expect(problems).toEqual([])
  })

  it('checks a text, pasted or from a file: what is wrong and where, the query that fails, whom it would break', async () => {
    await using graph = await startMockGraph({ folder, graph: mockRegistry() })
    await using visited = await visit(graph)
    const { page, problems } = visited
    await page.getByRole('link', { name: 'Check', exact: true }).click()
    await page.getByLabel('Subgraph', { exact: true }).fill('loyalty')
    const text = page.getByLabel('SDL', { exact: true })
    const check = page.getByRole('button', { name: 'Check', exact: true })
    const buffer = Buffer.from(mockSdl({ key: 'nickname' }))
    await page.getByLabel('or take it from a file').setInputFiles({ name: 'a.graphql', mimeType: 'text/plain', buffer })
    await expect.poll(() => text.inputValue()).toContain('nickname: ID!')
    await check.click()
    const errors = page.getByRole('table', { name: '40 errors to mend before it can be published' })
    const unsatisfiable = errors.getByRole('row', { name: /SATISFIABILITY loyalty:5:3/ })
    await unsatisfiable.getByText('nickname: ID!').waitFor()
    await unsatisfiable.getByText('myOrganization {').waitFor()
    await unsatisfiable.getByText('The whole message').waitFor()
    expect(await errors.getByRole('row').count()).toBe(26)
    await page.getByRole('button', { name: 'Show 15 more of 40' }).click()
    expect(await errors.getByRole('row').count()).toBe(41)

    await text.fill(mockSdl({ field: 'badges' }))
    await check.click()
    for (const [rule, told] of [
      ['TRUSTED_DOCUMENT', '(Points), at 1:35'],
      ['OPERATION_COST', '(Points): 1 points now and 20,001 then, of at most 10,000'],
    ] as const) {
      const row = page.getByRole('row', { name: new RegExp(rule) })
      await row.getByText('Northwind Partner Portal of Northwind IT Solutions, plan Partner Gold').waitFor()
      await row.getByText(`sha256:${'0a'.repeat(32)} ${told}`).waitFor()
    }
    const breaking = page.getByRole('table', { name: /1 breaking/ })
    await breaking.getByText('partner, internal', { exact: true }).waitFor()
    await breaking.getByText('1,200 calls, plan Partner Gold at 490.00 EUR a month').waitFor()
    const contact = breaking.getByRole('link', { name: /Pieter Nilsen/ })
    expect(await contact.getAttribute('href')).toBe('mailto:pieter.nilsen@northwind.example')

    await text.fill('# slowly')
    await check.click()
    await page.getByText('The registry has not answered in time').waitFor()
    for (const width of [360, 768, 1280]) {
      await page.setViewportSize({ width, height: 900 })
      const form = await page.locator('.check-form').boundingBox()
      const told = await page.locator('.check-form + div > .notice').boundingBox()
      if (screenshots) await page.screenshot({ path: `${screenshots}/check-failed-${width}.png`, fullPage: true })
      expect((told?.y ?? 0) - ((form?.y ?? 0) + (form?.height ?? 0)), `below the form, ${width} px`).toBeGreaterThan(10)
      expect(told?.width, `${width} px`).toBe(form?.width)
    }
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Nothing would break, and nothing changes for clients.').waitFor()
    expect(problems).toEqual([])
  })

  it('says what an app needs that may not read schemas, and takes another key', async () => {
    await using graph = await startMockGraph({ folder, graph: mockRegistry({ mayRead: false }) })
    await using visited = await visit(graph)
    const { page } = visited
    await page.getByText('This app may not read schemas').waitFor()
    await page.getByText('scope schemas:read').waitFor()
    await page.getByRole('button', { name: 'Use another key' }).last().click()
    await page.getByLabel('App id').fill(graph.caller.appId)
    await page.getByLabel('Key', { exact: true }).fill('trb_test_unknown')
    await page.getByRole('button', { name: 'Open the registry' }).click()
    await page.getByText('The app id or the key is not known.').waitFor()
  })

  // Each page once: axe takes seconds on a busy machine.
  it.each([
    ['a desktop', {}, ['History', 'Gateways']],
    [
      'a dark phone',
      { viewport: { width: 390, height: 844 }, colorScheme: 'dark' as const },
      ['Changes', 'Going away'],
    ],
  ])(
    'has no fault that axe knows on %s, and fits without scrolling sideways',
    { timeout: 60_000 },
    async (name, options, links) => {
      await using graph = await startMockGraph({ folder, graph: mockRegistry() })
      await using visited = await visit(graph, options)
      const { page } = visited
      const look = async (what: string): Promise<void> => {
        if (screenshots)
          await page.screenshot({ path: `${screenshots}/registry-${what}-on-${name}.png`, fullPage: true })
        await page.evaluate(`${axe.source}; undefined`)
        const { violations } = (await page.evaluate('axe.run()')) as { violations: { id: string; help: string }[] }
        expect(violations.map(({ id, help }) => `${what}: ${id}, ${help}`)).toEqual([])
        const width = page.viewportSize()?.width ?? 0
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      }
      await page.getByRole('row', { name: /loyalty/ }).waitFor()
      await look('subgraphs')
      for (const link of links) {
        await page.getByRole('link', { name: link }).click()
        await page.getByRole('heading', { name: titles[link] ?? '' }).waitFor()
        await page.locator('[aria-busy=true]').waitFor({ state: 'detached' })
        await look(link)
      }
      await page.getByRole('link', { name: 'Check', exact: true }).click()
      await page.getByLabel('Subgraph', { exact: true }).fill('loyalty')
      await page.getByLabel('SDL', { exact: true }).fill(mockSdl({ key: 'nickname' }))
      await page.getByRole('button', { name: 'Check', exact: true }).click()
      await page.getByText('It cannot be published so.').waitFor()
      await look('check')
    },
  )
})
