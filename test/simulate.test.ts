import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphClient } from '../sdk/graph-client.ts'
import { createRandom } from '../simulate/random.ts'
import { type CommandBench, startCommandBench } from './cli/commands.ts'

let bench: CommandBench
beforeAll(async () => {
  bench = await startCommandBench()
})
afterAll(() => bench[Symbol.asyncDispose]())

const entry = 'simulate/main.ts'
const start = (args: readonly string[]) => bench.start(entry, args)
const run = (args: readonly string[], environment?: Readonly<Record<string, string>>) =>
  bench.run(entry, args, environment)
const toGraph = () => ['--url', bench.url]

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

function client(url = bench.url, waits: number[] = []) {
  return createGraphClient({
    url,
    app: bench.operator.TRIBUTARY_APP,
    key: bench.operator.TRIBUTARY_KEY,
    signal: new AbortController().signal,
    onThrottled: (seconds) => waits.push(seconds),
  })
}
