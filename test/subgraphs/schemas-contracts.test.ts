import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Contracts } from '../../kit/contracts.ts'
import { readConfig } from '../../kit/config.ts'
import { createNetworkRules } from '../../kit/egress/network-rules.ts'
import { createSchemaOffice } from '../../subgraphs/create-outside.ts'
import { schemasSubgraph } from '../../subgraphs/schemas/subgraph.ts'
import { createAskedGraph } from './asked-graph.ts'
import { type SubgraphUnderTest, callerOf, operator, startSubgraph } from './subgraph-under-test.ts'

const whole = { include: [], exclude: [], excludeScopes: [] }
const version = {
  contract: 'partner',
  sdl: 'type Query { products(first: Int): ProductConnection } type ProductConnection { totalCount: Int! }',
}
const contracts: Contracts = {
  contracts: [
    { ...whole, name: 'partner', description: 'For partners.', exclude: ['internal'], excludeScopes: ['schemas:read'] },
    { ...whole, name: 'broken', description: 'Of nothing.', include: ['nothing-has-this'] },
  ],
  versions: [
    { ...version, version: '2024-10', from: '2024-10-01', until: '2025-10-01' },
    { ...version, version: '2025-10', from: '2025-10-01', until: '2999-10-01' },
    { ...version, version: '2999-04', from: '2999-04-01', until: '2999-10-01' },
  ],
}

const { graph, usedOn, asked } = createAskedGraph()
let schemas: SubgraphUnderTest
const office = createSchemaOffice(readConfig({}))
beforeAll(async () => {
  const editionsOf = (supergraphSdl: string) => office.workshop.editions(supergraphSdl, contracts)
  const outside = { graph, networks: createNetworkRules([]), schemas: { ...office, contracts, editionsOf } }
  schemas = await startSubgraph(schemasSubgraph, () => Promise.resolve(), outside)
})
afterAll(async () => {
  await schemas?.stop()
  await office.workshop.close()
})

interface Told {
  readonly name: string
  readonly sdl?: string | null
  readonly users?: readonly object[] | null
  readonly versions: readonly {
    readonly version: string
    readonly state?: string
    readonly sdl?: string | null
    readonly users?: readonly object[] | null
  }[]
}

const read = async (fields: string, args = ''): Promise<readonly Told[]> => {
  const { data, errors } = await schemas.execute<{ schemaContracts: readonly Told[] }>(
    operator,
    `{ schemaContracts${args} { name ${fields} } }`,
  )
  expect(errors).toBeUndefined()
  return data.schemaContracts
}

describe('the contracts of the graph', { timeout: 60_000 }, () => {
  it('are told with their rules, and their versions with where each stands', async () => {
    const fields = 'description includedTags excludedTags excludedScopes versions { version from until state }'
    expect(await read(fields)).toEqual([
      {
        name: 'partner',
        description: 'For partners.',
        includedTags: [],
        excludedTags: ['internal'],
        excludedScopes: ['schemas:read'],
        versions: [
          { version: '2024-10', from: '2024-10-01', until: '2025-10-01', state: 'RETIRED' },
          { version: '2025-10', from: '2025-10-01', until: '2999-10-01', state: 'SUPPORTED' },
          { version: '2999-04', from: '2999-04-01', until: '2999-10-01', state: 'ANNOUNCED' },
        ],
      },
      expect.objectContaining({ name: 'broken', includedTags: ['nothing-has-this'], versions: [] }),
    ])
  })

  it('are told as schemas, and null for one that is none', async () => {
    const [partner, broken] = await read('sdl versions { version sdl }')
    expect(partner?.sdl).toContain('type Organization')
    expect(partner?.sdl).not.toContain('schemaContracts')
    expect(broken?.sdl).toBeNull()
    expect(partner?.versions.find((one) => one.version === '2025-10')?.sdl).toBe(version.sdl)
  })

  it('are told with who calls each, in one question that is asked only where somebody wants to know', async () => {
    usedOn.add('2025-10')
    usedOn.add('partner Query.products')
    await read('versions { version }')
    expect(asked).toEqual([])
    const users = 'users { appName organizationName planName calls lastDay contacts { email } }'
    const [partner, broken] = await read(`${users} versions { version ${users} }`, '(usageDays: 90)')
    expect(asked).toEqual([operator.appId])
    expect([partner?.users, broken?.users]).toEqual([[], []])
    const northwind = {
      appName: 'Northwind Partner Portal',
      organizationName: 'Northwind',
      planName: 'Partner Gold',
      calls: 12,
      lastDay: '2026-11-20',
      contacts: [{ email: 'pieter@northwind.example' }],
    }
    expect(partner?.versions.map((one) => [one.version, one.users])).toEqual([
      ['2024-10', []],
      ['2025-10', [northwind]],
      ['2999-04', []],
    ])
  })

  it('are for the platform company’s own apps', async () => {
    const { data, errors } = await schemas.execute<{ schemaContracts: null }>(
      { ...callerOf('northwind'), scopes: ['partner:read'] },
      '{ schemaContracts { name users { appName } } }',
    )
    expect(data.schemaContracts).toBeNull()
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' })
  })
})
