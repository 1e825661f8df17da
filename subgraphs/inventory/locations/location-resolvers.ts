import { type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import { command } from '../command.ts'
import type { InventoryContext } from '../inventory-context.ts'
import { changeLocation } from './change-location.ts'
import { createLocation } from './create-location.ts'
import type { LocationDocument, LocationFilter, LocationStatus } from './location-model.ts'

interface LocationListArgs extends ConnectionArgs {
  readonly country?: string | null
  readonly status?: LocationStatus | null
}

const locationPayload = ({ id, userErrors }: MutationOutcome, { loaders }: InventoryContext) => ({
  location: id === null ? null : loaders.location.load(id),
  userErrors,
})

export const locationResolvers: Resolvers<InventoryContext> = {
  Query: {
    locations: (_: unknown, { country, status, ...args }: LocationListArgs, { models }: InventoryContext) => {
      const filter: LocationFilter = { ...(country ? { country } : {}), ...(status ? { status } : {}) }
      return readConnection<LocationDocument>(args, {
        sortField: 'code',
        direction: 1,
        read: (page) => models.locations.page(filter, page),
        count: () => models.locations.count(filter),
      })
    },
    location: (_: unknown, { id }: { id: string }, { loaders }: InventoryContext) => loaders.location.load(id),
  },
  Mutation: {
    createLocation: command('createLocation', createLocation, {
      payload: locationPayload,
      contended: ({ code }) => [code],
      operatorOnly: 'opens warehouses',
    }),
    changeLocation: command('changeLocation', changeLocation, {
      payload: locationPayload,
      contended: ({ id }) => [id],
      operatorOnly: 'changes warehouses',
    }),
  },
  Location: {
    id: ({ _id }: { _id: string }) => _id,
    __resolveReference: ({ id }: { id: string }, { loaders }: InventoryContext) => loaders.location.load(id),
  },
}
