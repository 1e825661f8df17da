import { readConfig } from '../../kit/config.ts'
import type { SchemaOffice } from '../../kit/schema-workshop.ts'
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

/**
 * The office of a product as small as can be, which is composed again for each check: the whole one takes seconds. It has
 * no contracts.
 */
export function createSmallOffice(): SchemaOffice {
  const whole = createSchemaOffice(readConfig({}))
  return {
    ...whole,
    contracts: { contracts: [], versions: [] },
    editionsOf: () => Promise.resolve({ sdls: new Map(), problems: [] }),
    shipped,
    base: 'a small product',
    shippedSupergraph: () => supergraphOf(shipped),
    shippedApi: async () => (await whole.workshop.compose(shipped)).apiSdl,
  }
}
