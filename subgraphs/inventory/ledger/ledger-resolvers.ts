import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import { requireOperator } from '../../../storage/command-target.ts'
import { command } from '../command.ts'
import type { InventoryContext } from '../inventory-context.ts'
import type { InventoryLevelDocument } from '../levels/level-model.ts'
import { onHandOf, quantityNames } from '../levels/quantities.ts'
import { adjustmentsOfLevel } from './adjustments-of-level.ts'
import type { InventoryAdjustmentDocument } from './ledger-model.ts'
import { rebuildLevel } from './rebuild-level.ts'
import { type LevelDifference, verifyLevels } from './verify-levels.ts'

export const ledgerResolvers: Resolvers<InventoryContext> = {
  Query: {
    verifyInventory: (
      _: unknown,
      { first, after = null }: { first: number; after?: string | null },
      context: InventoryContext,
    ) => {
      requireOperator(context, 'verifies stock')
      return verifyLevels(context.models, { first, after })
    },
  },
  Mutation: {
    rebuildInventoryLevel: command('rebuildInventoryLevel', rebuildLevel, {
      payload: ({ id, userErrors }: MutationOutcome, { loaders }) => ({
        level: id === null ? null : loaders.level.load(id),
        userErrors,
      }),
      contended: ({ id }) => [id],
      operatorOnly: 'rebuilds levels',
    }),
  },
  InventoryLevel: {
    adjustments: (level: InventoryLevelDocument, args: ConnectionArgs, context: InventoryContext) => {
      // Entries tell which partner reserved how much.
      requireOperator(context, 'reads the ledger of stock')
      return adjustmentsOfLevel(level, args, context.loaders)
    },
  },
  InventoryAdjustment: {
    id: ({ _id }: InventoryAdjustmentDocument) => _id,
    changes: ({ changes }: InventoryAdjustmentDocument) =>
      Object.fromEntries(quantityNames.map((name) => [name, changes[name] ?? 0])),
    organization: ({ organizationId }: InventoryAdjustmentDocument) =>
      organizationId === 'system' ? null : { id: organizationId },
  },
  InventoryDifference: {
    ledger: ({ rebuilt }: LevelDifference) => ({ ...rebuilt, onHand: onHandOf(rebuilt) }),
  },
}
