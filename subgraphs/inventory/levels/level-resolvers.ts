import type { GraphQLResolveInfo } from 'graphql'
import { type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import type { StreamArguments } from '../../../kit/event-feed.ts'
import type { DomainEvent } from '../../../kit/events.ts'
import { isSelected } from '../../../kit/is-selected.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import { command } from '../command.ts'
import type { InventoryContext } from '../inventory-context.ts'
import { adjustInventory } from './adjust-inventory.ts'
import { availabilityOf } from './availability.ts'
import { type ChangeFilter, inventoryChanges } from './level-changes.ts'
import { inventoryChange } from './level-events.ts'
import { type InventoryLevelDocument, type LevelFilter, levelId } from './level-model.ts'
import { moveInventory } from './move-inventory.ts'
import { onHandOf } from './quantities.ts'
import { setInventory } from './set-inventory.ts'
import { transferInventory } from './transfer-inventory.ts'

interface ById {
  readonly id: string
}
interface Place {
  readonly skuId: string
  readonly locationId: string
}

/** A payload's levels, read anew through loaders, so that a repeated key answers as the first call did. */
async function batchPayload(outcome: MutationOutcome, { loaders }: InventoryContext) {
  const batch = outcome.id === null ? null : await loaders.batch.load(outcome.id)
  return { levels: batch && loaders.level.loadMany([...batch.levelIds]), userErrors: outcome.userErrors }
}

const idOf = ({ skuId, locationId }: Place): string => levelId(skuId, locationId)

export const levelResolvers: Resolvers<InventoryContext> = {
  Query: {
    async inventoryLevels(
      _: unknown,
      { skuId, locationId, ...args }: ConnectionArgs & { skuId?: string | null; locationId?: string | null },
      { models, events, cursors }: InventoryContext,
      info: GraphQLResolveInfo,
    ) {
      // Read before the levels: what changes in between is told again by the stream, and never missed.
      const eventCursor = isSelected(info, 'eventCursor') ? cursors.encode((await events.bounds()).newest) : null
      const filter: LevelFilter = { ...(skuId ? { skuId } : {}), ...(locationId ? { locationId } : {}) }
      const levels = await readConnection(args, {
        sortField: '_id',
        direction: 1,
        read: (page) => models.levels.page(filter, page),
        count: () => models.levels.count(filter),
      })
      return { ...levels, eventCursor }
    },
    inventoryLevel: (_: unknown, { id }: ById, { loaders }: InventoryContext) => loaders.level.load(id),
  },
  Mutation: {
    adjustInventory: command('adjustInventory', adjustInventory, {
      payload: batchPayload,
      contended: ({ adjustments }) => adjustments.map(idOf),
    }),
    setInventory: command('setInventory', setInventory, {
      payload: batchPayload,
      contended: ({ levels }) => levels.map(idOf),
    }),
    moveInventory: command('moveInventory', moveInventory, {
      payload: batchPayload,
      contended: ({ movements }) => movements.map(idOf),
    }),
    transferInventory: command('transferInventory', transferInventory, {
      payload: batchPayload,
      contended: ({ transfers }) =>
        transfers.flatMap(({ skuId, fromLocationId, toLocationId }) => [
          levelId(skuId, fromLocationId),
          levelId(skuId, toLocationId),
        ]),
    }),
  },
  Subscription: {
    inventoryChanged: {
      subscribe: (
        _: unknown,
        args: StreamArguments & { readonly filter?: ChangeFilter | null },
        context: InventoryContext,
      ) => inventoryChanges(context, args),
      resolve: (event: DomainEvent, _: unknown, { cursors, loaders }: InventoryContext) =>
        inventoryChange(event, {
          cursor: cursors.encode(event.position),
          level: loaders.level.load(event.subject),
        }),
    },
  },
  InventoryLevel: {
    id: ({ _id }: InventoryLevelDocument) => _id,
    sku: ({ skuId }: InventoryLevelDocument) => ({ id: skuId }),
    location: ({ locationId }: InventoryLevelDocument, _: unknown, { loaders }: InventoryContext) =>
      loaders.location.load(locationId),
    onHand: (level: InventoryLevelDocument) => onHandOf(level),
    availability: ({ available }: InventoryLevelDocument) => availabilityOf(available),
    __resolveReference: ({ id }: ById, { loaders }: InventoryContext) => loaders.level.load(id),
  },
  Sku: {
    inventory: ({ id }: ById, _: unknown, { loaders }: InventoryContext) => loaders.levelsOfSku.load(id),
  },
}
