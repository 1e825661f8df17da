import { existsSync } from 'node:fs'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuthUnderTest, startAuth } from './auth-under-test.ts'
import { awaitMail } from './outbox.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
if (!executablePath)
  process.stdout.write('test/auth/sign-up-pages: skipped, no Chromium is installed (Debian: apt install chromium)\n')
/** Where to leave screenshots for people to look at; none are taken without it. */
const screenshots = process.env['SCREENSHOTS']
const password = 'two words and a third'

const desktop = { viewport: { width: 1280, height: 900 } }
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }

describe.skipIf(!executablePath)('the sign-up in a browser', () => {
  let auth: AuthUnderTest
  let browser: Browser

  beforeAll(async () => {
    auth = await startAuth()
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox', '--disable-gpu'] })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await auth?.[Symbol.asyncDispose]()
  })

  async function visit(options: BrowserContextOptions) {
    const context = await browser.newContext(options)
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    return { page, [Symbol.asyncDispose]: () => context.close() }
  }
  const linkTo = async (email: string, subject: string): Promise<string> =>
    (await awaitMail(auth.dataDir, email, subject)).links[0] ?? ''

  it.each([
    ['a desktop', { ...desktop, javaScriptEnabled: false }],
    ['a dark phone', { ...phone, colorScheme: 'dark' as const }],
  ])(
    'leads from the first page to the first call on %s, and no page has a fault that axe knows',
    async (name, options) => {
      await using visited = await visit(options)
      const { page } = visited
      const email = `ada@${name.replaceAll(' ', '-')}.example`
      const scripts = !('javaScriptEnabled' in options)
      const look = async (what: string): Promise<void> => {
        if (screenshots) await page.screenshot({ path: `${screenshots}/${what}-on-${name}.png`, fullPage: true })
        if (!scripts) return
        await page.evaluate(`${axe.source}; undefined`)
        const { violations } = (await page.evaluate('axe.run()')) as { violations: { id: string; help: string }[] }
        expect(violations.map(({ id, help }) => `${what}: ${id}, ${help}`)).toEqual([])
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
          page.viewportSize()?.width ?? 0,
        )
      }
      await page.goto(`${auth.url}/oauth/apply`)
      await look('1-apply')
      await page.getByLabel('Company', { exact: true }).fill('Bergwerk Systeme')
      await page.getByLabel('Kind of company').selectOption('Reseller')
      await page.getByLabel('Country').selectOption('Germany')
      await page.getByLabel('Website').fill('https://www.bergwerk.example')
      await page.getByLabel('Your name').fill('Ada Boss')
      await page.getByLabel('Your e-mail address').fill(email)
      await page.getByLabel('Employees').fill('some')
      await page.getByRole('button', { name: 'Apply' }).click()
      expect(await page.getByRole('alert').textContent()).toBe('Employees: This is a decimal number such as 12.5.')
      await look('2-apply-refused')
      expect(await page.getByLabel('Company', { exact: true }).inputValue()).toBe('Bergwerk Systeme')
      await page.getByLabel('Employees').fill('12')
      await page.getByRole('button', { name: 'Apply' }).click()
      expect(await heading(page)).toBe('Look into your mailbox')
      await look('3-mailbox')

      await page.goto(await linkTo(email, 'Confirm'))
      await look('4-confirm')
      await page.getByRole('button', { name: 'Yes, that was me' }).click()
      expect(await heading(page)).toBe('Welcome')
      await look('5-welcome')
      await page.getByRole('link', { name: 'Choose a password' }).click()
      await page.getByLabel('New password').fill(password)
      await page.getByLabel('The same once more').fill(password)
      await page.getByRole('button', { name: 'Set the password' }).click()
      await page.getByRole('link', { name: 'Sign in' }).click()
      await look('6-sign-in')
      await page.getByLabel('E-mail address').fill(email)
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      expect(await heading(page)).toBe('Your apps')
      await look('7-apps')

      await page.getByRole('link', { name: 'Create an app' }).click()
      await look('8-new-app')
      await page.getByLabel('Name', { exact: true }).fill('Price list')
      await page.getByRole('button', { name: 'Create the app' }).click()
      expect(await heading(page)).toBe('Price list')
      await look('9-app')
      await page.getByRole('button', { name: 'Create the key' }).click()
      expect(await page.getByLabel('Key', { exact: true }).inputValue()).toMatch(/^trb_test_/)
      await look('10-key')
      await page.getByRole('button', { name: 'Make the call' }).click()
      expect(await page.getByRole('status').textContent()).toMatch(
        /^HTTP 200\. It cost \d+ points; \d+ of 1000 are left\.$/,
      )
      expect(await page.locator('pre').first().textContent()).toContain('"name": "Bergwerk Systeme"')
      expect(await page.getByText('monthly-calls: 99 left').isVisible()).toBe(true)
      await look('11-first-call')

      await page.getByRole('link', { name: 'Members' }).click()
      await page.getByLabel('E-mail address').fill(`bea@${email.split('@')[1]}`)
      await page.getByRole('button', { name: 'Send the invitation' }).click()
      await look('12-members')
      await page.getByRole('button', { name: 'Sign out' }).click()
      expect(await heading(page)).toBe('Sign in')
      await page.getByRole('link', { name: 'Forgotten the password?' }).click()
      await look('13-forgotten')
      await page.goto(await linkTo(`bea@${email.split('@')[1]}`, 'You are invited'))
      await look('14-invitation')
    },
    90_000,
  )

  it('shows the operator what is to be decided', async () => {
    const { data } = await auth.ask(
      auth.operator,
      '{ myOrganization { members(first: 1, role: ADMIN) { nodes { id email } } } }',
    )
    const [operator] = data.myOrganization.members.nodes
    await using visited = await visit(phone)
    const { page } = visited
    await page.goto(
      `${auth.url}/oauth/apply?name=Scale+Company&plan=scale&website=https%3A%2F%2Fscale.example&type=SI&country=FR`,
    )
    await page.getByLabel('Your name').fill('Bea')
    await page.getByLabel('Your e-mail address').fill('bea@scale.example')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.goto(await linkTo('bea@scale.example', 'Confirm'))
    await page.getByRole('button', { name: 'Yes, that was me' }).click()
    await page.goto(await auth.passwordLink(operator.id))
    await page.getByLabel('New password').fill(password)
    await page.getByLabel('The same once more').fill(password)
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByLabel('E-mail address').fill(operator.email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'Applications' }).click()
    await page.evaluate(`${axe.source}; undefined`)
    const { violations } = (await page.evaluate('axe.run()')) as { violations: { id: string }[] }
    expect(violations.map(({ id }) => id)).toEqual([])
    if (screenshots) await page.screenshot({ path: `${screenshots}/15-applications.png`, fullPage: true })
    await page.getByRole('button', { name: 'Approve Scale Company' }).click()
    expect(await page.getByText('There are none.').isVisible()).toBe(true)
    await linkTo('bea@scale.example', 'Scale Company is a partner now')
  }, 60_000)
})

function heading(page: Page): Promise<string | null> {
  return page.getByRole('heading', { level: 1 }).textContent()
}
