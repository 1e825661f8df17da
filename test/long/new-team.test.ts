import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type Product, root, startProduct } from '../e2e/product.ts'

const command = join(root, 'scripts/tributary.mjs')
const minuteMs = 60_000

it('a new team has a field of its own in the graph within a minute, and changes it within seconds', async () => {
  await using product = await startProduct('one process')
  const folder = await mkdtemp(join(tmpdir(), 'new-team-'))
  const { appId, key } = product.operator
  const environment = {
    ...process.env,
    TRIBUTARY_URL: `${product.url}/graphql`,
    TRIBUTARY_CONFIG: join(folder, '.config'),
    TRIBUTARY_APP: appId,
    TRIBUTARY_KEY: key,
  }
  const steps: { step: string; seconds: string }[] = []
  const begun = performance.now()
  const timed = async <Result>(step: string, work: () => Promise<Result>): Promise<Result> => {
    const at = performance.now()
    const result = await work()
    steps.push({ step, seconds: ((performance.now() - at) / 1000).toFixed(1) })
    return result
  }
  const run = async (program: string, args: readonly string[], cwd: string): Promise<string> => {
    const child = spawn(program, [...args], { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = read(child)
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output()}`)
    return output()
  }
  const tributary = (...args: string[]) => run(process.execPath, [command, ...args], join(folder, 'loyalty'))

  const team = join(folder, 'loyalty')
  let dev: ChildProcess | undefined
  try {
    await timed('tributary subgraph new loyalty, with its packages', () =>
      run(process.execPath, [command, 'subgraph', 'new', 'loyalty'], folder),
    )
    await timed('npm test', () => run('npm', ['test'], team))
    dev = spawn(process.execPath, [command, 'subgraph', 'dev', '--port', String(await freePort())], {
      cwd: team,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const told = read(dev)
    await timed('tributary subgraph dev, until the field answers', () =>
      until(dev, told, async () => {
        // The field is there, and asks for a scope that nobody has yet.
        const { errors } = await ask(product, '{ myOrganization { name loyalty { points } } }')
        return errors?.every(({ extensions }) => extensions.code === 'FORBIDDEN') ?? false
      }),
    )
    await timed('tributary scope offer and app scopes, until there are points', async () => {
      const { data } = await ask(product, '{ myOrganization { id } }')
      const organization = data?.['myOrganization'] as { id: string }
      await tributary('scope', 'offer', 'loyalty:read', '--organizations', organization.id)
      await tributary('app', 'scopes', product.portal.appId, '--add', 'loyalty:read')
      await until(dev, told, async () => {
        const { errors } = await ask(product, '{ myOrganization { name loyalty { points } } }')
        return errors === undefined
      })
    })
    const total = performance.now() - begun
    const { data } = await ask(product, '{ loyaltyAccounts { nodes { points organization { name } } } }')
    expect(data).toEqual({
      loyaltyAccounts: { nodes: [{ points: 1_250, organization: { name: 'Northwind IT Solutions' } }] },
    })

    await tributary('app', 'scopes', appId, '--add', 'loyalty:read,loyalty:write')
    const schema = join(team, 'schema.graphql')
    const text = await readFile(schema, 'utf8')
    await timed('a changed schema.graphql, until the new field answers', async () => {
      await writeFile(
        schema,
        text.replace('  points: Int!\n  "What the', '  points: Int!\n  "A note."\n  note: String\n  "What the'),
      )
      await until(dev, told, async () => {
        // As the operator, whose own use is its own to break.
        const { errors } = await ask(product, '{ loyaltyAccounts { nodes { note } } }', product.operator)
        return errors === undefined
      })
    })
    expect(await tributary('doctor')).toMatch(/green {2}subgraph loyalty/)
    dev.kill('SIGINT')
    await once(dev, 'close')
    await timed('tributary schema rollback', () =>
      tributary(
        'schema',
        'rollback',
        '--subgraph',
        'loyalty',
        '--to',
        '1',
        '--reason',
        'played',
        '--accept',
        'LoyaltyAccount.note',
      ),
    )
    const versions = JSON.parse(await tributary('schema', 'list', '--json')) as { number: number; reason: string }[]
    expect(versions.map(({ number }) => number)).toEqual([3, 2, 1])
    // Usage by field reaches billing every ten seconds.
    const uses = () => tributary('usage', '--coordinate', 'Organization.loyalty', '--json')
    await expect.poll(uses, { timeout: 30_000, interval: 500 }).toContain('Northwind Partner Portal')
    // The portal has asked for points by now, so that they cannot go without a word to its owner.
    const retiring = tributary('schema', 'retire', '--subgraph', 'loyalty', '--reason', 'played')
    await expect(retiring).rejects.toThrow(/used by Northwind Partner Portal of Northwind IT Solutions/)
    await expect(retiring).rejects.toThrow(/'loyalty:read' was removed\. It was granted to Northwind Partner Portal/)
    process.stdout.write(`${steps.map(({ step, seconds }) => `${seconds.padStart(6)} s  ${step}`).join('\n')}\n`)
    process.stdout.write(`${(total / 1000).toFixed(1).padStart(6)} s  from the command to the field\n`)
    expect(total).toBeLessThan(minuteMs)
  } finally {
    if (dev?.exitCode === null && dev.signalCode === null) dev.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
}, 180_000)

function read(child: ChildProcess): () => string {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  return () => output
}

/** Asks until it is so, or what serves it has ended. */
async function until(child: ChildProcess | undefined, told: () => string, isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    if (child?.exitCode !== null) throw new Error(`the command has ended:\n${told()}`)
  }
}

interface Answer {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[]
}

async function ask({ url, portal }: Product, query: string, { appId, key } = portal): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-tributary-app': appId, 'x-tributary-key': key },
    body: JSON.stringify({ query }),
  })
  return (await response.json()) as Answer
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
