import { type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import { visibleOrganization } from '../../../storage/visible-organization.ts'
import { command } from '../command.ts'
import type { InventoryContext } from '../inventory-context.ts'
import type { AllocationFilter, ChannelAllocationDocument } from './allocation-model.ts'
import { changeAllocation, stateOf } from './change-allocation.ts'
import { createAllocation } from './create-allocation.ts'

interface ListArgs extends ConnectionArgs {
  readonly organizationId?: string | null
  readonly skuId?: string | null
}

const allocationPayload = ({ id, userErrors }: MutationOutcome, { loaders }: InventoryContext) => ({
  allocation: id === null ? null : loaders.allocation.load(id),
  userErrors,
})

export const allocationResolvers: Resolvers<InventoryContext> = {
  Query: {
    channelAllocations: (
      _: unknown,
      { organizationId, skuId, ...args }: ListArgs,
      { models, caller }: InventoryContext,
    ) => {
      const filter: AllocationFilter = { ...(organizationId ? { organizationId } : {}), ...(skuId ? { skuId } : {}) }
      return readConnection<ChannelAllocationDocument>(args, {
        sortField: '_id',
        direction: 1,
        read: (page) => models.allocations.page(caller, filter, page),
        count: () => models.allocations.count(caller, filter),
      })
    },
    channelAllocation: (_: unknown, { id }: { id: string }, { loaders }: InventoryContext) =>
      loaders.allocation.load(id),
  },
  Mutation: {
    createAllocation: command('createAllocation', createAllocation, {
      payload: allocationPayload,
      contended: ({ skuId }) => [skuId],
      operatorOnly: 'allocates stock',
    }),
    changeAllocation: command('changeAllocation', changeAllocation, {
      payload: allocationPayload,
      contended: ({ id }) => [id],
      operatorOnly: 'allocates stock',
    }),
  },
  ChannelAllocation: {
    id: ({ _id }: ChannelAllocationDocument) => _id,
    organization: ({ organizationId }: ChannelAllocationDocument) => ({ id: organizationId }),
    sku: ({ skuId }: ChannelAllocationDocument) => ({ id: skuId }),
    location: ({ locationId }: ChannelAllocationDocument, _: unknown, { loaders }: InventoryContext) =>
      locationId === null ? null : loaders.location.load(locationId),
    remaining: ({ quantity, drawn }: ChannelAllocationDocument) => quantity - drawn,
    state: (allocation: ChannelAllocationDocument, _: unknown, { now }: InventoryContext) => stateOf(allocation, now()),
    __resolveReference: ({ id }: { id: string }, { loaders }: InventoryContext) => loaders.allocation.load(id),
  },
  Organization: {
    __resolveReference: ({ id }: { id: string }, { caller }: InventoryContext) => visibleOrganization(caller, id),
    channelAllocations: ({ id }: { id: string }, args: ConnectionArgs, { loaders }: InventoryContext) =>
      loaders.allocationsOfOrganization(id, args),
  },
}
