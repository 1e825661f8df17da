import type { ImportModels } from '../../jobs/imports/import-models.ts'
import { createLoader } from '../../kit/loader.ts'
import type { Caller } from '../../kit/caller.ts'
import type { SubgraphContext } from '../../kit/subgraph-definition.ts'

/** Per-request reads by key. */
export function createBulkLoaders(models: ImportModels, caller: Caller) {
  return {
    jobs: createLoader(
      (ids: readonly string[]) => models.byIds(caller, ids),
      ({ _id }) => _id,
    ),
  }
}

/** What resolvers and commands of this subgraph get. */
export type BulkContext = SubgraphContext<ImportModels, ReturnType<typeof createBulkLoaders>>
