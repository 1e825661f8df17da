import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createVisitor } from '../auth/visitor.ts'
import { type CommandBench, type CommandProcess, startCommandBench } from './commands.ts'

let bench: CommandBench
beforeAll(async () => {
  bench = await startCommandBench()
})
afterAll(() => bench[Symbol.asyncDispose]())

const entry = 'cli/tributary-main.ts'
const places = () => ({ TRIBUTARY_URL: bench.url, TRIBUTARY_CONFIG: join(bench.folder, 'config') })
const asOperator = () => ({ ...places(), ...bench.operator })
const run = (...args: string[]) => bench.run(entry, args, asOperator())

async function json<Answer>(...args: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await run(...args, '--json')
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return JSON.parse(stdout) as Answer
}

/** Waits until a command has printed something that matches. */
async function printed({ child, output }: CommandProcess, pattern: RegExp): Promise<string> {
  for (;;) {
    const found = pattern.exec(output.stdout + output.stderr)?.[1]
    if (found !== undefined) return found
    // Each turn waits for the one before; the test's own time ends it.
    await Promise.race(
      [child.stdout, child.stderr].flatMap((stream) => (stream === null ? [] : [once(stream, 'data')])),
    )
  }
}

describe('tributary', () => {
  it('teaches what it can, and tells what was meant', async () => {
    const help = await run('--help')
    expect(help).toMatchObject({ code: 0 })
    expect(help.stdout).toContain('tributary subgraph new loyalty')
    const wrong = await run('evnts', 'tail')
    expect(wrong).toMatchObject({ code: 2, stdout: '' })
    expect(wrong.stderr).toContain('Did you mean events?')
    const missing = await run('app', 'create', '--name', 'x')
    expect(missing.stderr).toContain('--scopes')
    expect(missing.stderr).toContain('tributary app create --help tells more.')
  })

  it('says how to be known, also to programs', async () => {
    const nobody = await bench.run(entry, ['app', 'list', '--json'], places())
    expect(nobody).toMatchObject({ code: 2, stdout: '' })
    const { error } = JSON.parse(nobody.stderr) as { error: { code: string; message: string } }
    expect(error.code).toBe('USAGE')
    expect(error.message).toContain('tributary login')
  })

  it('finds every part of the path green, and what is not red with a remedy', async () => {
    const { ok, findings } = await json<{ ok: boolean; findings: { check: string; ok: boolean }[] }>('doctor')
    expect(findings.filter((finding) => !finding.ok)).toEqual([])
    expect(ok).toBe(true)
    const checks = findings.map(({ check }) => check)
    expect(checks).toEqual(
      expect.arrayContaining(['gateway', 'database', 'clocks', 'authorization', 'subgraph partner']),
    )
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as AddressInfo
    closed.close()
    await once(closed, 'close')
    const away = await run('doctor', '--graph', `http://127.0.0.1:${port}/graphql`)
    expect(away.code).toBe(1)
    expect(away.stdout).toMatch(/^red\s+gateway\s+http:\/\/127\.0\.0\.1:\d+ does not answer: .*ECONNREFUSED/m)
    expect(away.stdout).toContain('npm start')
  })

  it('makes an app and a key that works until it is revoked', async () => {
    const app = await json<{ id: string }>(
      'app',
      'create',
      '--name',
      'Stock robot',
      '--scopes',
      'catalog:read,apps:read',
    )
    const made = await json<{ id: string; key: string }>('key', 'create', app.id, '--label', 'first')
    const asRobot = { ...places(), TRIBUTARY_APP: app.id, TRIBUTARY_KEY: made.key }
    const keys = await bench.run(entry, ['key', 'list', app.id, '--json'], asRobot)
    expect(JSON.parse(keys.stdout)).toMatchObject([{ id: made.id, label: 'first', status: 'ACTIVE' }])
    expect(keys.stdout).not.toContain(made.key)
    const denied = await bench.run(entry, ['usage'], asRobot)
    expect(denied).toMatchObject({ code: 1 })
    expect(denied.stderr).toContain('The app needs billing:read')
    await json('key', 'revoke', made.id)
    expect((await run('app', 'revoke', app.id, '--reason', 'was a test')).code).toBe(0)
    expect((await run('app', 'revoke', app.id)).stderr).toMatch(/^[A-Z_]+: /)
  })

  it('shows plans, limits and usage', async () => {
    expect(await json('plan', 'list')).toEqual(expect.arrayContaining([expect.objectContaining({ handle: 'growth' })]))
    expect(await json('plan', 'limits')).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'points' })]))
    const groups = await json<{ keys: { value: string }[] }[]>('usage', '--by', 'organization', '--limit', '3')
    expect(groups).toHaveLength(3)
    expect((await run('plan', 'change', 'app_x', 'nothing')).stderr).toContain(
      'NOT_FOUND: There is no plan nothing. There are:',
    )
  })
})

describe('a sign-in', () => {
  it('is kept for its owner only, is renewed by one of many commands at once, and ends with logout', async () => {
    const login = bench.start(entry, ['login', '--scope', 'apps:read partner:read'], places())
    const page = await printed(login, /Open (\S+)/)
    const visitor = createVisitor(new URL(page).origin)
    let stop = await visitor.open(page)
    stop = await visitor.submit(stop, { user_code: new URL(page).searchParams.get('user_code') ?? '' })
    stop = await visitor.submit(stop, { confirm: 'yes' })
    const { email, password } = bench.person
    stop = await visitor.submit(stop, { email, password, action: 'sign-in' })
    stop = await visitor.submit(stop, { action: 'allow' })
    expect(stop.html).toContain('The device is connected')
    expect(await login.exit).toBe(0)

    const file = join(bench.folder, 'config', 'credentials.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const asPerson = { TRIBUTARY_CONFIG: join(bench.folder, 'config') }
    const apps = await bench.run(entry, ['app', 'list', '--json'], asPerson)
    expect(JSON.parse(apps.stdout)).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'Northwind Partner Portal' })]),
    )
    expect(apps.stdout).not.toContain('Contoso')

    const kept = await readFile(file, 'utf8')
    await writeFile(file, kept.replace(/"expiresAt": \d+/, '"expiresAt": 0'))
    const many = await Promise.all([1, 2, 3].map(() => bench.run(entry, ['app', 'list'], asPerson)))
    expect(many.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(await readFile(file, 'utf8')).not.toBe(kept)

    expect((await bench.run(entry, ['logout'], asPerson)).code).toBe(0)
    expect((await bench.run(entry, ['app', 'list', '--graph', bench.url], asPerson)).code).toBe(2)
  })
})

describe('events', () => {
  it('are printed as lines of JSON, with the cursor to go on with', async () => {
    const tail = bench.start(
      entry,
      ['events', 'tail', '--json', '--every', '0.1', '--types', 'app.created'],
      asOperator(),
    )
    await json('app', 'create', '--name', 'Made meanwhile', '--scopes', 'catalog:read')
    // What happened before it had begun is not told, so that it may take more than one.
    while (!tail.output.stdout.includes('"app.created"')) {
      await json('app', 'create', '--name', 'Made meanwhile', '--scopes', 'catalog:read')
    }
    tail.child.kill('SIGINT')
    expect(await tail.exit).toBe(130)
    const cursor = /Go on with --after (\S+)/.exec(tail.output.stderr)?.[1] ?? ''
    const [line = ''] = tail.output.stdout.split('\n')
    expect(JSON.parse(line)).toMatchObject({ type: 'app.created', id: expect.stringMatching(/^evt_/) as string })
    await json('app', 'create', '--name', 'Made after', '--scopes', 'catalog:read')
    const rest = await run('events', 'tail', '--after', cursor, '--once', '--types', 'app.created')
    expect(rest.code).toBe(0)
    expect(rest.stdout.trim().split('\n').length).toBeGreaterThanOrEqual(1)
  })

  it('are posted to a local receiver as signed webhooks', async () => {
    const received: { headers: IncomingHttpHeaders; body: string }[] = []
    const receiver = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (text: string) => (body += text))
      request.on('end', () => {
        received.push({ headers: request.headers, body })
        response.writeHead(received.length === 1 ? 204 : 500).end()
      })
    }).listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    const forward = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`
    const before = await run('events', 'tail', '--once', '--json')
    expect(before.code).toBe(0)
    const selection = join(bench.folder, 'app.graphql')
    await writeFile(selection, 'query ($subject: ID!) { app(id: $subject) { name } }')
    const secret = `whsec_${Buffer.from('a secret of twenty-four b').toString('base64')}`
    const listen = bench.start(
      entry,
      [
        'webhook',
        'listen',
        '--types',
        'app.created',
        '--every',
        '0.1',
        '--forward',
        forward,
        '--secret',
        secret,
        '--selection',
        selection,
      ],
      asOperator(),
    )
    await printed(listen, /(Listening);/)
    await json('app', 'create', '--name', 'Told by webhook', '--scopes', 'catalog:read')
    await printed(listen, /(204 {2})/)
    await json('app', 'create', '--name', 'Told in vain', '--scopes', 'catalog:read')
    await printed(listen, /(500 {2})/)
    listen.child.kill('SIGINT')
    await listen.exit
    receiver.close()
    const [first] = received
    const headers = Object.fromEntries(
      Object.entries(first?.headers ?? {}).map(([name, value]) => [name, String(value)]),
    )
    const message = new Webhook(secret).verify(first?.body ?? '', headers)
    expect(message).toMatchObject({
      specversion: '1.0',
      type: 'app.created',
      data: { graph: { data: { app: { name: 'Told by webhook' } } } },
    })
  })
})
