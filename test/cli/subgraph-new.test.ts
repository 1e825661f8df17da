import { mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProgram } from '../../cli/subgraph/run-program.ts'
import { subgraphs } from '../../subgraphs/registry.ts'
import { checkCandidate, composeTexts } from '../../schema/checks/check-candidate.ts'
import { type CommandBench, startCommandBench } from './commands.ts'

let bench: CommandBench
let folder: string
beforeAll(async () => {
  bench = await startCommandBench()
  folder = await mkdtemp(join(tmpdir(), 'trb-scaffold-'))
})
afterAll(async () => {
  await bench[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const entry = 'cli/tributary-main.ts'
const tributary = (...args: string[]) =>
  bench.run(entry, args, { ...bench.operator, TRIBUTARY_URL: bench.url, TRIBUTARY_CONFIG: join(folder, '.config') })
const signal = AbortSignal.timeout(600_000)

/** A new subgraph with the packages of this repository, so that nothing is fetched. */
async function scaffold(name: string): Promise<string> {
  const dir = join(folder, name)
  const made = await tributary('subgraph', 'new', name, '--dir', dir, '--no-install')
  expect(made).toMatchObject({ code: 0 })
  await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(dir, 'node_modules'))
  return dir
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describe('tributary subgraph new', () => {
  it('makes a folder whose tests pass, named as it was asked for', async () => {
    const dir = await scaffold('gift-cards')
    const schema = await readFile(join(dir, 'schema.graphql'), 'utf8')
    expect(schema).toContain('type GiftCardsAccount @key')
    expect(schema).toContain('giftCardsAccounts(')
    expect(schema).toContain('@eventType(name: "gift-cards.points_awarded"')
    const settings = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8')) as {
      name: string
      tributary: object
    }
    expect(settings).toMatchObject({ name: 'gift-cards', tributary: { subgraph: 'gift-cards' } })
    for (const file of await readdir(dir, { recursive: true, withFileTypes: true })) {
      if (!file.isFile() || file.parentPath.includes('node_modules')) continue
      expect(await readFile(join(file.parentPath, file.name), 'utf8')).not.toMatch(/loyalty/i)
    }
    expect(await readdir(dir)).toContain('.gitignore')
    const tests = await runProgram(process.execPath, ['--test'], { folder: dir, signal })
    expect(tests).toMatchObject({ code: 0 })
    expect(tests.output).toContain('# pass 6')
  })

  it('makes a schema that composes with the graph and that no check has a word about', async () => {
    const dir = await scaffold('loyalty')
    const sdl = await readFile(join(dir, 'schema.graphql'), 'utf8')
    expect(() => buildSubgraphSchema(parse(sdl))).not.toThrow()
    const shipped = subgraphs.map(({ name, sdl: text, port }) => ({ name, sdl: text, url: `http://localhost:${port}` }))
    const before = composeTexts(shipped)
    const services = [...shipped, { name: 'loyalty', sdl, url: 'http://localhost:4100' }]
    const { problems, composed } = await checkCandidate({ services, changed: 'loyalty', before })
    expect(problems).toEqual([])
    expect(composed).not.toBeNull()
  })

  it.each([
    [['Loyalty'], 'Loyalty is no name for a subgraph'],
    [['a'.repeat(41)], 'is no name for a subgraph'],
    [['ours', '--dir', '.'], 'is not empty. Name another with --dir.'],
  ])('refuses %j', async (args, message) => {
    const refused = await tributary('subgraph', 'new', ...args, '--no-install')
    expect(refused).toMatchObject({ code: 2 })
    expect(refused.stderr).toContain(message)
  })
})

describe('tributary subgraph dev', () => {
  it('serves and publishes a subgraph, which the registry lists with author and reason, and rolls back', async () => {
    const dir = await scaffold('perks')
    const port = String(await freePort())
    const dev = () => tributary('subgraph', 'dev', '--once', '--dir', dir, '--port', port)
    const first = await dev()
    expect(first.code, first.stderr).toBe(0)
    expect(first.stdout).toMatch(/^perks version 1 is published, in supergraph 1 /m)
    expect((await dev()).stdout).toContain('its SDL is published already.')

    const file = join(dir, 'schema.graphql')
    const sdl = await readFile(file, 'utf8')
    await writeFile(file, sdl.replace('  points: Int!\n  "What the', '  points: Int!\n  note: Stringg\n  "What the'))
    const wrong = await tributary('schema', 'check', '--subgraph', 'perks', '--schema', file)
    expect(wrong).toMatchObject({ code: 1 })
    expect(wrong.stdout).toMatch(/^error {4}perks:\d+:\d+ {2}[A-Z]+ {2}.*Stringg/m)
    expect(wrong.stdout).toContain('It cannot be published so.')
    const refused = await dev()
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toContain('Stringg')

    await writeFile(
      file,
      sdl.replace('  points: Int!\n  "What the', '  points: Int!\n  "A note."\n  note: String\n  "What the'),
    )
    const args = ['--subgraph', 'perks', '--schema', file, '--json', '--reason', 'notes']
    const published = await tributary('schema', 'publish', ...args)
    expect(JSON.parse(published.stdout)).toMatchObject({
      version: { number: 2, state: 'CURRENT' },
      check: { passed: true },
    })
    const stale = await tributary('schema', 'publish', ...args, '--expected', '1')
    expect(stale).toMatchObject({ code: 1 })
    expect(JSON.parse(stale.stderr)).toMatchObject({ error: { code: 'STALE_VERSION' } })
    const diff = await tributary('schema', 'diff', '1')
    expect(diff.stdout).toContain("Field 'note' was added to object type 'PerksAccount'")

    const back = await tributary('schema', 'rollback', '--subgraph', 'perks', '--to', '1', '--reason', 'too early')
    expect(back.stdout).toContain('perks is at version 3, in supergraph 3.')
    const { stdout } = await tributary('schema', 'list', '--subgraph', 'perks', '--json')
    expect(JSON.parse(stdout)).toMatchObject([
      { number: 3, reason: 'too early', author: bench.operator.TRIBUTARY_APP },
      { number: 2, reason: 'notes', state: 'SUPERSEDED' },
      { number: 1, reason: 'tributary subgraph dev' },
    ])
    expect((await tributary('schema', 'retire', '--subgraph', 'perks', '--reason', 'done')).code).toBe(0)
  }, 120_000)
})

describe('tributary doctor', () => {
  it("finds whether a team's own service believes the gateway alone", async () => {
    const dir = await scaffold('stamps')
    const { stdout: key } = await tributary('subgraph', 'key', 'stamps')
    const port = await freePort()
    const { serveProcess } = await import('../../cli/subgraph/serve-process.ts')
    const eventsUrl = `${bench.url}/events`
    const serving = { folder: dir, port, key: key.trim(), eventsUrl, signal, onOutput: () => undefined }
    const served = await serveProcess('node src/main.js', serving)
    try {
      const look = ['doctor', '--subgraph', `http://127.0.0.1:${port}/graphql`, '--signature-key']
      const right = await tributary(...look, key.trim())
      expect(right).toMatchObject({ code: 0 })
      expect(right.stdout).toMatch(/^green {2}your answer/m)
      const wrong = await tributary(...look, 'A'.repeat(43))
      expect(wrong).toMatchObject({ code: 1 })
      expect(wrong.stdout).toMatch(/^green {2}your signature check/m)
      expect(wrong.stdout).toMatch(/^red {4}your answer +401/m)
    } finally {
      await served.stop()
    }
  })
})
