import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ConfigError } from '../../kit/config-error.ts'
import { readContracts } from '../../subgraphs/read-contracts.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-contracts-'))
  await writeFile(join(folder, '2026-10.graphql'), 'type Query { a: Int }')
  await writeFile(join(folder, '2027-04.graphql'), 'type Query {')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const partner = { name: 'partner', description: 'For partners.' }
const version = { version: '2026-10', contract: 'partner', from: '2026-10-01', until: '2027-10-01' }

async function reading(declared: unknown) {
  const file = join(folder, 'contracts.json')
  await writeFile(file, typeof declared === 'string' ? declared : JSON.stringify(declared))
  return () => readContracts(file)
}

it('reads contracts, and the schemas of versions that lie beside their file', async () => {
  const read = await reading({ contracts: [partner], versions: [version] })
  expect(read()).toEqual({
    contracts: [{ ...partner, include: [], exclude: [], excludeScopes: [] }],
    versions: [{ ...version, sdl: 'type Query { a: Int }' }],
  })
})

it.each([
  ['no JSON', '{', /cannot be read/],
  ['a month that there is not', { contracts: [partner], versions: [{ ...version, version: '2026-13' }] }, /2026-10/],
  ['a day that there is not', { contracts: [partner], versions: [{ ...version, until: '2027-02-30' }] }, /until/],
  [
    'a window that ends before it begins',
    { contracts: [partner], versions: [{ ...version, until: '2026-09-01' }] },
    /ends before/,
  ],
  ['a version of no contract', { contracts: [], versions: [version] }, /2026-10 is of no contract/],
  [
    'a version without its schema',
    { contracts: [partner], versions: [{ ...version, version: '2026-11' }] },
    /2026-11\.graphql/,
  ],
  [
    'a schema that is none',
    { contracts: [partner], versions: [{ ...version, version: '2027-04' }] },
    /2027-04\.graphql/,
  ],
  ['a name twice', { contracts: [partner, partner], versions: [] }, /partner twice/],
  [
    'a name that is a path of the graph',
    { contracts: [{ ...partner, name: 'stream' }], versions: [] },
    /path of the graph/,
  ],
  ['a name that leads elsewhere', { contracts: [{ ...partner, name: '../admin' }], versions: [] }, /lower-case/],
  ['a key that nobody knows', { contracts: [{ ...partner, excludes: ['internal'] }], versions: [] }, /excludes/],
])('refuses %s by its name', async (_what, declared, told) => {
  const read = await reading(declared)
  expect(read).toThrow(ConfigError)
  expect(read).toThrow(told)
})
