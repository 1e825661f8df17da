import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuthUnderTest, type RegisteredApp, startAuth } from './auth-under-test.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
if (!executablePath)
  process.stdout.write('test/auth/pages: skipped, no Chromium is installed (Debian: apt install chromium)\n')
/** Where to leave screenshots for people to look at; none are taken without it. */
const screenshots = process.env['SCREENSHOTS']

const desktop = { viewport: { width: 1280, height: 900 } }
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }

describe.skipIf(!executablePath)('the pages in a browser', () => {
  let auth: AuthUnderTest
  let browser: Browser
  let callback: Server
  let app: RegisteredApp
  let device: RegisteredApp

  beforeAll(async () => {
    callback = createServer((_request, response) => void response.end('<title>back at the app</title>'))
    await new Promise<void>((resolve) => callback.listen(0, '127.0.0.1', resolve))
    const { port } = callback.address() as AddressInfo
    auth = await startAuth()
    const scopes = ['catalog:read', 'pricing:read', 'deals:read', 'deals:write']
    const redirectUri = `http://127.0.0.1:${port}/callback`
    app = await auth.register({ name: 'Quoting for Resellers', scopes, clientType: 'CONFIDENTIAL', redirectUri })
    device = await auth.register({ name: 'Warehouse Terminal', scopes, clientType: 'PUBLIC' })
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox', '--disable-gpu'] })
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    callback?.close()
    await auth?.[Symbol.asyncDispose]()
  })

  async function visit(options: BrowserContextOptions) {
    const context = await browser.newContext(options)
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    const problems: string[] = []
    page.on('console', (message) => {
      const { type, text } = { type: message.type(), text: message.text() }
      // A refused sign-in is an answer of 401, which the browser notes.
      if ((type === 'error' || type === 'warning') && !text.includes('401')) problems.push(text)
    })
    return { page, problems, [Symbol.asyncDispose]: () => context.close() }
  }

  const url = (): string => {
    const fields = {
      client_id: app.id,
      redirect_uri: app.redirectUri,
      response_type: 'code',
      scope: 'catalog:read pricing:read deals:write offline_access',
      code_challenge: 'TklMeVooZjbHjWLoYsO_8TlVcFAO2QGJj-D0QCA1u2w',
      code_challenge_method: 'S256',
    }
    return `${auth.url}/oauth/authorize?${new URLSearchParams(fields).toString()}`
  }
  const signIn = async (page: Page, password: string): Promise<void> => {
    await page.getByLabel('E-mail address').fill(auth.person.email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  it.each([
    ['a desktop', desktop],
    ['a phone', phone],
    ['a dark phone', { ...phone, colorScheme: 'dark' as const }],
  ])('lead through sign-in and consent back to the app on %s, with no fault that axe knows', async (name, options) => {
    await using visited = await visit(options)
    const { page, problems } = visited
    const look = async (what: string) => {
      expect(await faults(page, `${what} on ${name}`.replaceAll(' ', '-'))).toEqual([])
      expect(await fits(page)).toBe(true)
    }
    await page.goto(url())
    await look('sign-in')
    await signIn(page, 'wrong')
    expect(await page.getByRole('alert').textContent()).toContain('not right')
    await look('sign-in-refused')
    await signIn(page, auth.person.password)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(
      'Allow Quoting for Resellers to act for you?',
    )
    expect(await page.getByRole('listitem').allTextContents()).toEqual([
      'Read products and SKUscatalog:read',
      'Read your prices and price listspricing:read',
      'Register and work on deals in the name of your organizationdeals:write',
      'Stay connected while you are away, until you or the app end itoffline_access',
    ])
    await look('consent')
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.waitForURL(/\/callback\?/)
    expect(new URL(page.url()).searchParams.get('code')).toEqual(expect.any(String))
    expect(problems).toEqual([])
  })

  it('work without JavaScript and by keyboard alone', async () => {
    await using visited = await visit({ ...desktop, javaScriptEnabled: false })
    const { page } = visited
    await page.goto(url())
    await page.keyboard.press('Tab')
    await page.keyboard.type(auth.person.email)
    await page.keyboard.press('Tab')
    await page.keyboard.type(auth.person.password)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Allow' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/callback\?/)
    expect(page.url()).toContain('code=')
  })

  it('let somebody else sign in instead', async () => {
    await using visited = await visit(desktop)
    const { page } = visited
    await page.goto(url())
    await signIn(page, auth.person.password)
    await page.getByRole('button', { name: 'Use another account' }).click()
    await page.getByLabel('Password').waitFor()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Sign in')
  })

  it.each([
    ['a desktop', desktop],
    ['a phone', phone],
  ])('connect a device on %s', async (name, options) => {
    const body = new URLSearchParams({ client_id: device.id, scope: 'catalog:read' })
    const started = (await (await fetch(`${auth.url}/oauth/device/code`, { method: 'POST', body })).json()) as {
      verification_uri: string
      user_code: string
    }
    await using visited = await visit(options)
    const { page, problems } = visited
    const look = async (what: string) => {
      expect(await faults(page, `${what} on ${name}`.replaceAll(' ', '-'))).toEqual([])
      expect(await fits(page)).toBe(true)
    }
    await page.goto(started.verification_uri)
    await look('device')
    await page.getByLabel('Code').fill('nonsense')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('alert').waitFor()
    await look('device-refused')
    await page.getByLabel('Code').fill(started.user_code)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('button', { name: 'Yes, continue' }).waitFor()
    expect(await page.locator('.big').textContent()).toBe(started.user_code)
    await look('device-confirm')
    await page.getByRole('button', { name: 'Yes, continue' }).click()
    await signIn(page, auth.person.password)
    await look('device-consent')
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.getByRole('heading', { name: 'The device is connected' }).waitFor()
    await look('device-done')
    expect(problems).toEqual([])
  })

  it('let a member choose a password', async () => {
    const { data } = await auth.ask(auth.portal, '{ members(first: 5) { nodes { id email } } }')
    const member = (data.members.nodes as { id: string; email: string }[]).find(
      ({ email }) => email !== auth.person.email,
    )
    await using visited = await visit(phone)
    const { page } = visited
    await page.goto(await auth.passwordLink(member?.id ?? ''))
    expect(await faults(page, 'password-on-a-phone')).toEqual([])
    await page.getByLabel('New password').fill('corn harbour lantern')
    await page.getByLabel('The same once more').fill('corn harbour lanterns')
    await page.getByRole('button', { name: 'Set the password' }).click()
    expect(await page.getByRole('alert').textContent()).toBe('The two passwords are not the same.')
    await page.getByLabel('New password').fill('corn harbour lantern')
    await page.getByLabel('The same once more').fill('corn harbour lantern')
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByRole('heading', { name: 'The password is set' }).waitFor()
  })

  it('tell what went wrong in a page of the same kind', async () => {
    await using visited = await visit(phone)
    const { page } = visited
    await page.goto(`${auth.url}/oauth/authorize?client_id=app_nobody`)
    expect(await faults(page, 'error-on-a-phone')).toEqual([])
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('This did not work')
  })
})

/** What axe finds wrong, on pages that allow no scripts of their own. */
async function faults(page: Page, name: string): Promise<string[]> {
  if (screenshots)
    await page.screenshot({ path: `${screenshots}/${name}-${page.viewportSize()?.width}.png`, fullPage: true })
  await page.evaluate(`${axe.source}; undefined`)
  const found = (await page.evaluate('axe.run()')) as { violations: { id: string; help: string }[] }
  return found.violations.map(({ id, help }) => `${name}: ${id}, ${help}`)
}

function fits(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')
}
