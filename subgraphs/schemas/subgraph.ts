import { loadSdl } from '../../kit/sdl.ts'
import type { SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { resolvers } from './resolvers.ts'
import { type SchemasModels, createSchemasLoaders, createSchemasModels } from './schemas-context.ts'

/** The schema registry: subgraphs of other teams, the supergraphs that they came to, and what checks say of them. */
export const schemasSubgraph: SubgraphDefinition<SchemasModels, ReturnType<typeof createSchemasLoaders>> = {
  name: 'schemas',
  sdl: loadSdl(import.meta.url),
  createModels: createSchemasModels,
  prepare: (models) => models.prepare(),
  createLoaders: createSchemasLoaders,
  resolvers,
}
