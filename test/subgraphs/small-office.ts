import { readConfig } from '../../kit/config.ts'
import { type Contracts, noContracts } from '../../kit/contracts.ts'
import type { SchemaOffice } from '../../kit/schema-workshop.ts'
import { createEditionReader } from '../../subgraphs/edition-reader.ts'
import { createSchemaOffice } from '../../subgraphs/create-outside.ts'
import { supergraphOf } from '../../subgraphs/shipped-supergraph.ts'

const shipped = [
  {
    name: 'partner',
    url: 'http://partner.test',
    sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@authenticated"])
      type Query @authenticated { myOrganization: Organization }
      type Organization @key(fields: "id") @authenticated { id: ID! name: String }`,
  },
]

const everything = { description: '', include: [], exclude: [], excludeScopes: [] }
/** One that is all of the graph, and one that is less. */
export const smallContracts: Contracts = {
  contracts: [
    { ...everything, name: 'internal' },
    { ...everything, name: 'partner', exclude: ['internal'] },
  ],
  versions: [],
}

/**
 * The office of a product as small as can be, which is composed again for each check: the whole one takes seconds. It has
 * no contracts unless told.
 */
export function createSmallOffice(contracts: Contracts = noContracts): SchemaOffice {
  const whole = createSchemaOffice(readConfig({}))
  return {
    ...whole,
    contracts,
    editionsOf: createEditionReader({ workshop: whole.workshop, contracts, committed: () => null }),
    shipped,
    base: 'a small product',
    shippedSupergraph: () => supergraphOf(shipped),
    shippedApi: async () => (await whole.workshop.compose(shipped)).apiSdl,
  }
}
