import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchEmbedded } from '../../storage/embedded/launch.ts'
import { builtSubgraphs } from '../e2e/product.ts'
import { type ComposeService, readComposeFile, root } from './compose-file.ts'

const file = readComposeFile({ TRIBUTARY_SECRET: 'a secret of at least thirty-two characters' })
const subgraphs = await builtSubgraphs()
const hasRedis = spawnSync('redis-server', ['--version']).status === 0

/*
 * There is no container engine where the tests run, so each service's command is started as the file says, on this
 * machine: names of services become localhost, ports those that were free, and the embedded database stands in for MongoDB.
 */
describe.skipIf(!hasRedis)('the commands of docker-compose.yml', () => {
  const processes: ChildProcess[] = []
  const address = new Map<string, string>()
  let folder: string
  let database: Awaited<ReturnType<typeof launchEmbedded>>

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-compose-'))
    database = await launchEmbedded({ dataDir: join(folder, 'mongo') })
  })
  afterAll(async () => {
    for (const child of processes.toReversed()) await stop(child)
    await database.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('seed ends with success, and once more without a second effect', async () => {
    for (const said of ['is seeded', 'was seeded before']) {
      const seed = start('seed')
      const output = await readUntil(seed, said)
      const [code] = await ended(seed)
      expect([output, code]).toEqual([expect.stringContaining(said), 0])
    }
  })

  it('redis answers', async () => {
    const port = await freePort()
    await readUntil(start('redis', ['--port', String(port)]), 'Ready to accept connections')
    address.set('redis', `localhost:${port}`)
  })

  it.each(subgraphs.map(({ name }) => name))('%s becomes healthy and refuses who has not signed', async (name) => {
    const output = await readUntil(start(name), `The ${name} subgraph is ready at`)
    address.set(name, hostAndPort(output))
    expect((await fetch(`http://${address.get(name)}/health`)).status).toBe(200)
    const unsigned = await fetch(`http://${address.get(name)}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ __typename }' }),
    })
    expect(unsigned.status).toBe(401)
  })

  it('the authorization server becomes healthy under the name that it is published by', async () => {
    const output = await readUntil(start('auth'), 'The authorization server is ready at')
    address.set('auth', hostAndPort(output))
    expect((await fetch(`http://${address.get('auth')}/health`)).status).toBe(200)
    const discovery = await fetch(`http://${address.get('auth')}/.well-known/oauth-authorization-server`)
    expect(await discovery.json()).toMatchObject({ issuer: file.services['auth']?.environment?.['AUTH_ISSUER'] })
  })

  it('two gateways answer alike, with data of all subgraphs and to a token of the authorization server', async () => {
    const prints = await Promise.all(
      ['gateway-a', 'gateway-b'].map((name) => readUntil(start(name), 'Stop with Ctrl-C')),
    )
    const [a = '', b = ''] = prints.map(hostAndPort)
    const [, appId = '', key = ''] = /Operator Console\s+(\S+)\s+(\S+)/.exec(prints[0] ?? '') ?? []
    const granted = await fetch(`http://${address.get('auth')}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: appId, client_secret: key }),
    })
    const { access_token: token } = (await granted.json()) as { access_token: string }
    const byKey = { 'x-tributary-app': appId, 'x-tributary-key': key }
    const byToken = { authorization: `Bearer ${token}` }
    const answers = [await ask(a, byKey), await ask(b, byKey), await ask(a, byToken), await ask(b, byToken)]
    expect(answers[0]).toMatchObject({
      data: { myOrganization: { name: expect.any(String) }, locations: { totalCount: 12 } },
    })
    expect(answers[0]).not.toHaveProperty('errors')
    for (const answer of answers) expect(answer['data']).toEqual(answers[0]?.['data'])
  })

  function start(name: string, more: readonly string[] = []): ChildProcess {
    const { command = [], environment = {} } = file.services[name] as ComposeService
    const [program = '', ...args] = command
    const child = spawn(program === 'node' ? process.execPath : program, [...args, ...more], {
      cwd: program === 'node' ? fileURLToPath(root) : folder,
      env: { PATH: process.env['PATH'], ...localSettings(environment) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    processes.push(child)
    return child
  }

  function localSettings(environment: Readonly<Record<string, string | number | null>>) {
    const local = Object.entries(environment).map(([setting, value]): [string, string] => {
      if (setting === 'PORT') return [setting, '0']
      if (setting === 'HOST') return [setting, 'localhost']
      if (setting === 'MONGODB_URI') return [setting, database.uri]
      // `http://deals:4001/graphql`, `redis://redis:6379`
      // A setting of Compose's own environment is empty here.
      return [
        setting,
        String(value ?? '').replace(/(?<=:\/\/)([\w-]+):\d+/, (all, host: string) => address.get(host) ?? all),
      ]
    })
    return Object.fromEntries(local)
  }
})

async function ask(gateway: string, credentials: Record<string, string>): Promise<Record<string, never>> {
  const response = await fetch(`http://${gateway}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...credentials },
    body: JSON.stringify({
      query: `{ myOrganization { name } products(first: 1) { totalCount } dealRegistrations(first: 1) { totalCount }
        locations(first: 1) { totalCount } plans(first: 1) { totalCount } }`,
    }),
  })
  return (await response.json()) as Record<string, never>
}

function hostAndPort(output: string): string {
  return /http:\/\/([\w.]+:\d+)/.exec(output)?.[1] ?? ''
}

/** A port that was free a moment ago: Redis cannot pick one itself. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost')
  await once(server, 'listening')
  const found = server.address()
  server.close()
  await once(server, 'close')
  if (found === null || typeof found === 'string') throw new Error('no TCP port')
  return found.port
}

function readUntil(child: ChildProcess, end: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (output.includes(end) && output.endsWith('\n')) resolve(output)
      })
    }
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`ended with ${code} before it said "${end}":\n${output}`)))
  })
}

async function ended(child: ChildProcess): Promise<[number | null]> {
  return child.exitCode === null ? ((await once(child, 'exit')) as [number | null]) : [child.exitCode]
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
