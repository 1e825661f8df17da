import { type ImportModels, createImportModels } from '../../jobs/imports/import-models.ts'
import { loadSdl } from '../../kit/sdl.ts'
import type { SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { createBulkLoaders } from './bulk-context.ts'
import { cancelAbandoned } from './cancel-abandoned.ts'
import { resolvers } from './resolvers.ts'

/** Bulk imports: takes files in, line by line and any size; the subgraphs that own a kind apply its lines. */
export const bulkSubgraph: SubgraphDefinition<ImportModels, ReturnType<typeof createBulkLoaders>> = {
  name: 'bulk',
  sdl: loadSdl(import.meta.url),
  createModels: ({ connection }) => createImportModels(connection),
  prepare: (models) => models.prepare(),
  createLoaders: createBulkLoaders,
  resolvers,
  timers: [cancelAbandoned],
}
