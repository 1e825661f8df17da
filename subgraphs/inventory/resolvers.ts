import { type ConnectionArgs, readConnection } from '../../kit/connection.ts'
import type { DomainEvent } from '../../kit/events.ts'
import type { Resolvers } from '../../kit/subgraph-definition.ts'
import { mutate } from '../../storage/mutate.ts'
import { type AdjustInventoryInput, adjustInventory } from './adjust-inventory.ts'
import { type ChangeFilter, inventoryChange, inventoryChanges } from './events.ts'
import type { InventoryContext } from './inventory-context.ts'
import type { InventoryLevelDocument, LevelFilter } from './models/inventory-level.ts'
import { onHandOf } from './quantities.ts'
import { type SetInventoryInput, setInventory } from './set-inventory.ts'

interface ById {
  readonly id: string
}
interface Command<Input> {
  readonly input: Input
  readonly idempotencyKey?: string | null
}

/** A payload's levels, read anew through loaders, so that a repeated key answers as the first call did. */
async function batchPayload(outcome: Awaited<ReturnType<typeof mutate>>, { loaders }: InventoryContext) {
  const batch = outcome.id === null ? null : await loaders.batch.load(outcome.id)
  return { levels: batch && loaders.level.loadMany([...batch.levelIds]), userErrors: outcome.userErrors }
}

export const resolvers: Resolvers<InventoryContext> = {
  Query: {
    locations: (_: unknown, args: ConnectionArgs, { models }: InventoryContext) =>
      readConnection(args, {
        sortField: 'code',
        direction: 1,
        read: models.locations.page,
        count: models.locations.count,
      }),
    location: (_: unknown, { id }: ById, { loaders }: InventoryContext) => loaders.location.load(id),
    inventoryLevels: (
      _: unknown,
      { skuId, locationId, ...args }: ConnectionArgs & { skuId?: string | null; locationId?: string | null },
      { models }: InventoryContext,
    ) => {
      const filter: LevelFilter = { ...(skuId ? { skuId } : {}), ...(locationId ? { locationId } : {}) }
      return readConnection(args, {
        sortField: '_id',
        direction: 1,
        read: (page) => models.levels.page(filter, page),
        count: () => models.levels.count(filter),
      })
    },
    inventoryLevel: (_: unknown, { id }: ById, { loaders }: InventoryContext) => loaders.level.load(id),
  },
  Mutation: {
    adjustInventory: async (_: unknown, call: Command<AdjustInventoryInput>, context: InventoryContext) =>
      batchPayload(
        await mutate(context, { name: 'adjustInventory', ...call }, (session) =>
          adjustInventory(context, call.input, session),
        ),
        context,
      ),
    setInventory: async (_: unknown, call: Command<SetInventoryInput>, context: InventoryContext) =>
      batchPayload(
        await mutate(context, { name: 'setInventory', ...call }, (session) =>
          setInventory(context, call.input, session),
        ),
        context,
      ),
  },
  Subscription: {
    inventoryChanged: {
      subscribe: (_: unknown, filter: ChangeFilter, { events }: InventoryContext) => inventoryChanges(events, filter),
      resolve: (event: DomainEvent, _: unknown, { loaders }: InventoryContext) =>
        inventoryChange(event, loaders.level.load(event.subject)),
    },
  },
  Location: {
    id: ({ _id }: { _id: string }) => _id,
    __resolveReference: ({ id }: ById, { loaders }: InventoryContext) => loaders.location.load(id),
  },
  InventoryLevel: {
    id: ({ _id }: InventoryLevelDocument) => _id,
    sku: ({ skuId }: InventoryLevelDocument) => ({ id: skuId }),
    location: ({ locationId }: InventoryLevelDocument, _: unknown, { loaders }: InventoryContext) =>
      loaders.location.load(locationId),
    onHand: (level: InventoryLevelDocument) => onHandOf(level),
    __resolveReference: ({ id }: ById, { loaders }: InventoryContext) => loaders.level.load(id),
  },
  Sku: {
    inventory: ({ id }: ById, _: unknown, { loaders }: InventoryContext) => loaders.levelsOfSku.load(id),
    availableToPromise: async ({ id }: ById, _: unknown, { loaders }: InventoryContext) =>
      (await loaders.levelsOfSku.load(id)).reduce((sum, { available }) => sum + available, 0),
  },
}
