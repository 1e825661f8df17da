import { type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { command } from '../command.ts'
import type { DealContext } from '../deal-context.ts'
import type { DealProgramDocument, SalesTerritoryDocument } from './deal-terms.ts'
import { setDealProgram } from './set-deal-program.ts'
import { setSalesTerritory } from './set-sales-territory.ts'

export const termsResolvers = {
  Query: {
    dealPrograms: (_: unknown, args: ConnectionArgs, { models: { terms } }: DealContext) =>
      readConnection<DealProgramDocument>(args, {
        sortField: '_id',
        direction: 1,
        read: terms.programs,
        count: () => terms.count('programs'),
      }),
    salesTerritories: (_: unknown, args: ConnectionArgs, { models: { terms } }: DealContext) =>
      readConnection<SalesTerritoryDocument>(args, {
        sortField: '_id',
        direction: 1,
        read: terms.territories,
        count: () => terms.count('territories'),
      }),
  },
  Mutation: {
    setDealProgram: command('setDealProgram', setDealProgram, {
      payload: ({ id, userErrors }, { loaders }) => ({
        dealProgram: id === null ? null : loaders.program.load(id),
        userErrors,
      }),
    }),
    setSalesTerritory: command('setSalesTerritory', setSalesTerritory, {
      payload: ({ id, userErrors }, { loaders }) => ({
        salesTerritory: id === null ? null : loaders.territory.load(id),
        userErrors,
      }),
    }),
  },
  DealProgram: { family: ({ _id }: DealProgramDocument) => _id },
  SalesTerritory: { code: ({ _id }: SalesTerritoryDocument) => _id },
} satisfies Resolvers<DealContext>
