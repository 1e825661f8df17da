import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importBuilt } from '../../scripts/prepare/root.mjs'
import { runNode } from '../ship/run-node.ts'
import { call } from './call.ts'
import { type Product, builtSubgraphs, root, seededDataDir, startProduct } from './product.ts'
import { type ThirdParty, signingKeyOf, startThirdParty } from './third-party-subgraph.ts'

const points = '{ myOrganization { id loyaltyPoints } }'

let folder: string
let dataDir: string
let file: string
let product: Product
let loyalty: ThirdParty
let withLoyalty: string
let without: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-supergraph-'))
  file = join(folder, 'supergraph.graphql')
  without = await readFile(join(root, 'schema/supergraph.graphql'), 'utf8')
  await writeFile(file, without)
  dataDir = await seededDataDir()
  product = await startProduct('one process', { dataDir, env: { SUPERGRAPH: file } })
  loyalty = await startThirdParty(await signingKeyOf(product, 'loyalty'))
  const { composeTexts } = (await importBuilt(
    'schema/checks/check-candidate.js',
  )) as typeof import('../../schema/checks/check-candidate.ts')
  const own = (await builtSubgraphs()).map(({ name, sdl, port }) => ({
    name,
    sdl,
    url: `http://localhost:${port}/graphql`,
  }))
  withLoyalty = composeTexts([...own, { name: 'loyalty', url: loyalty.url, sdl: loyalty.sdl }]).supergraphSdl
})
afterAll(async () => {
  await product?.[Symbol.asyncDispose]()
  await loyalty?.[Symbol.asyncDispose]()
  for (const path of [folder, dataDir]) await rm(path, { recursive: true, force: true })
})

const ask = (query: string) => call(product, product.portal, query)
const health = async () =>
  (await (await fetch(`${product.url}/health`)).json()) as {
    readonly status: string
    readonly supergraph: string
    readonly refusedSupergraph: { readonly name: string; readonly reason: string } | null
  }
/** As editors and deployments put a file in the place of another. */
async function replace(text: string): Promise<void> {
  await writeFile(`${file}.next`, text)
  await rename(`${file}.next`, file)
}
const isServed = async (): Promise<boolean> => (await ask(points)).errors === undefined
const long = { timeout: 60_000, interval: 50 }

describe('a supergraph in a file', { timeout: 150_000 }, () => {
  it('is followed when another file takes its place, without a failed request', async () => {
    expect((await ask(points)).errors?.[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED')
    const stopped = new AbortController()
    const failures: unknown[] = []
    const client = async (): Promise<void> => {
      while (!stopped.signal.aborted) {
        const { errors } = await ask('{ myOrganization { id name } }')
        if (errors) failures.push(errors)
        // Without it the clients would have the machine that the swap needs.
        await pause(10)
      }
    }
    const clients = [client(), client()]
    const before = (await health()).supergraph
    await replace(withLoyalty)
    await expect.poll(isServed, long).toBe(true)
    stopped.abort()
    await Promise.all(clients)
    expect(failures).toEqual([])
    expect(await health()).toMatchObject({ status: 'ok', refusedSupergraph: null })
    expect((await health()).supergraph).not.toBe(before)
  })

  it('is refused when it is broken, and told by health, while the one before serves', async () => {
    await replace('type Query { name: ')
    await expect.poll(async () => (await health()).refusedSupergraph?.reason, long).toContain('Syntax Error')
    expect((await health()).status).toBe('ok')
    expect(await isServed()).toBe(true)
    await rm(file)
    await expect.poll(async () => (await health()).refusedSupergraph?.reason, long).toContain('ENOENT')
    expect(await isServed()).toBe(true)
  })

  it('is served when the rest of a file has come of which half was there', async () => {
    await writeFile(file, without.slice(0, without.length / 2))
    await expect.poll(async () => (await health()).refusedSupergraph?.reason, long).toContain('no supergraph')
    await writeFile(file, without)
    await expect.poll(async () => (await health()).refusedSupergraph, long).toBeNull()
    await expect.poll(isServed, long).toBe(false)
  })
})

describe('a start', { timeout: 60_000 }, () => {
  let refused: string
  beforeAll(async () => {
    refused = await seededDataDir()
  })
  afterAll(() => rm(refused, { recursive: true, force: true }))

  it('is refused when nobody answers at the URL', async () => {
    const where = 'http://127.0.0.1:9/supergraph.graphql'
    const env = { PORT: '0', DATA_DIR: refused, SUPERGRAPH: where }
    const { code, stderr } = await runNode(['dist/gateway/main.js'], env)
    expect(stderr).toContain(`SUPERGRAPH ${where} cannot be read`)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(code).toBe(1)
  })

  it('is refused with a file that is no supergraph, which says why', async () => {
    const where = join(folder, 'none.graphql')
    await writeFile(where, 'type Query { name: String }')
    const env = { PORT: '0', DATA_DIR: refused, SUPERGRAPH: where }
    const { code, stderr } = await runNode(['dist/gateway/main.js'], env)
    expect(stderr).toContain(`SUPERGRAPH ${where} is no supergraph that can be served`)
    expect(code).toBe(1)
  })
})
