import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningGateway, startGateway } from '../gateway/start-gateway.ts'
import { readConfig } from '../kit/config.ts'
import { createLogger } from '../kit/log.ts'
import { createGraphClient } from '../sdk/graph-client.ts'
import { createRandom } from '../simulate/random.ts'
import { demoLevels } from '../subgraphs/inventory/seed.ts'
import { demoLocations } from '../subgraphs/demo-world/locations.ts'
import { demoSkus } from '../subgraphs/demo-world/products.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
let folder: string
let gateway: RunningGateway
let operator: { readonly TRIBUTARY_APP: string; readonly TRIBUTARY_KEY: string }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-test-'))
  const config = readConfig({ PORT: '0', DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'error' })
  gateway = await startGateway({ config, log: createLogger('test', 'error') })
  const app = gateway.demo.find(({ slug }) => slug === 'operator-console')
  operator = { TRIBUTARY_APP: app?.appId ?? '', TRIBUTARY_KEY: app?.key ?? '' }
})
afterAll(async () => {
  await gateway?.close()
  await rm(folder, { recursive: true, force: true })
})

interface Run {
  readonly child: ChildProcess
  readonly output: { stdout: string; stderr: string }
  readonly exit: Promise<number | null>
}

/** The command as a user runs it, in a process of its own. */
function start(args: readonly string[], environment: Readonly<Record<string, string>> = operator): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', 'simulate/main.ts', ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  return { child, output, exit: once(child, 'close').then(([code]) => code as number | null) }
}

async function run(args: readonly string[], environment?: Readonly<Record<string, string>>) {
  const { output, exit } = start(args, environment)
  return { code: await exit, ...output }
}

const toGraph = () => ['--url', `${gateway.url}/graphql`]

describe('npm run simulate', () => {
  it('trades as often as it is told to and tells each action in a line', async () => {
    const { code, stdout, stderr } = await run([...toGraph(), '--count', '25', '--rate', '200', '--seed', 'test'])
    expect(stderr).toBe('')
    const lines = stdout.trim().split('\n')
    expect(lines.at(0)).toMatch(/^\d+ stock levels, \d+ partners/)
    expect(
      lines.filter((line) => /^\d\d:\d\d:\d\d {2}(SALE|RESTOCK|REGISTER|APPROVE|REJECT|RETURN) /.test(line)).length,
    ).toBe(25)
    expect(lines.at(-1)).toBe('25 actions')
    expect(code).toBe(0)
  })

  it('ends cleanly on Ctrl-C, which under npm arrives twice', async () => {
    const { child, output, exit } = start([...toGraph(), '--rate', '50'])
    while (!/SALE|RESTOCK/.test(output.stdout)) await once(child.stdout ?? child, 'data')
    child.kill('SIGINT')
    child.kill('SIGINT')
    expect(await exit).toBe(0)
    expect(output.stdout).toMatch(/\n\d+ actions\n$/)
    expect(output.stderr).toBe('')
  })

  it('applies the good lines of a stock feed and tells the others by number', async () => {
    const [a, b] = demoLevels(new Date()).map((level) => ({
      level,
      sku: demoSkus.find(({ id }) => id === level.skuId)?.code,
      location: demoLocations.find(({ id }) => id === level.locationId)?.code,
    }))
    const file = join(folder, 'feed.csv')
    await writeFile(
      file,
      [
        '\u{feff}sku_code,location_code,on_hand,remark',
        `${a?.sku},${a?.location},9001,"counted, twice"`,
        `${b?.sku},${b?.location},0`,
        'XX-000-X,AMS1,5',
        `${a?.sku},NOWHERE,5`,
        `${a?.sku},${a?.location},many`,
        '',
        `${a?.sku},${a?.location},9002`,
      ].join('\r\n'),
    )
    const { code, stdout, stderr } = await run([...toGraph(), '--feed', file])
    expect(stderr.trim().split('\n')).toEqual([
      'line 4: there is no SKU "XX-000-X"',
      'line 5: there is no warehouse "NOWHERE"',
      'line 6: on_hand must be a whole number from 0 to 100000000, not "many"',
      expect.stringMatching(/^line 3: BELOW_COMMITMENTS: /) as string,
    ])
    expect(stdout).toContain('6 lines, 2 applied, 4 refused')
    expect(code).toBe(1)
    const answer = await client().request<{ inventoryLevel: { onHand: number } }>(
      'query ($id: ID!) { inventoryLevel(id: $id) { onHand } }',
      { id: a?.level._id },
    )
    expect(answer.inventoryLevel.onHand).toBe(9_002)
  })

  it('refuses a file that is no feed, and one that is not there', async () => {
    const notThere = await run([...toGraph(), '--feed', join(folder, 'nothing.csv')])
    expect(notThere).toMatchObject({ code: 1, stderr: expect.stringContaining('ENOENT') as string })
    const noFeed = await run([...toGraph(), '--feed', 'package.json'])
    expect(noFeed).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('sku_code,location_code,on_hand') as string,
    })
  })

  it('says what to pass when no app is given, and what is wrong when the key is', async () => {
    expect(await run([...toGraph()], {})).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('TRIBUTARY_APP') as string,
    })
    const wrong = await run([...toGraph(), '--key', 'trb_test_wrong'])
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('UNAUTHENTICATED') as string })
  })

  it('says that no server answers', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    const { code, stderr } = await run(['--url', `http://127.0.0.1:${port}/graphql`])
    expect(stderr).toMatch(/^No answer from http.*Is the server running\?\n$/)
    expect(code).toBe(1)
  })
})

describe('the client of the simulation', () => {
  it('waits as long as it is told to when it is throttled, then asks again', async () => {
    const answers = [
      { errors: [{ message: 'used up', extensions: { code: 'THROTTLED', retryAfter: 0.05 } }] },
      { data: { ok: true } },
    ]
    const server = createServer((_request, response) => response.end(JSON.stringify(answers.shift())))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const waits: number[] = []
    const begin = performance.now()
    const graph = client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, waits)
    expect(await graph.request('{ ok }')).toEqual({ ok: true })
    expect(waits).toEqual([0.05])
    expect(performance.now() - begin).toBeGreaterThanOrEqual(45)
    server.closeAllConnections()
    server.close()
  })

  it('makes the same choices for the same seed', () => {
    expect(choices('monday')).toEqual(choices('monday'))
    expect(choices('monday')).not.toEqual(choices('tuesday'))
  })
})

function choices(seed: string): number[] {
  const random = createRandom(seed)
  return Array.from({ length: 20 }, () => random.between(1, 1_000))
}

function client(url = `${gateway.url}/graphql`, waits: number[] = []) {
  return createGraphClient({
    url,
    app: operator.TRIBUTARY_APP,
    key: operator.TRIBUTARY_KEY,
    signal: new AbortController().signal,
    onThrottled: (seconds) => waits.push(seconds),
  })
}
