import type { Outside } from '../../kit/background.ts'
import { createLoader } from '../../kit/loader.ts'
import { subgraphKey } from '../../kit/subgraph-key.ts'
import type { SchemaOffice } from '../../kit/schema-workshop.ts'
import type { SecretModelDependencies, SubgraphContext } from '../../kit/subgraph-definition.ts'
import { prepareModels } from '../../storage/documents.ts'
import { createGateways } from './gateways/gateways.ts'
import { type GraphEnvironment, createSubgraphVersions } from './subgraph-versions.ts'
import { createSupergraphs } from './supergraphs.ts'

/** The collections, and what is needed to check and to judge. */
export function createSchemasModels({ connection, secretFor, outside }: SecretModelDependencies) {
  const versions = createSubgraphVersions(connection)
  const supergraphs = createSupergraphs(connection)
  const gateways = createGateways(connection)
  return {
    versions,
    supergraphs,
    gateways,
    graph: outside?.graph,
    office: () => officeOf(outside),
    keyOf: (subgraph: string): string => subgraphKey(secretFor('gateway-signature'), subgraph).toString('base64url'),
    /** The supergraph that is served and the published subgraphs in it. */
    async served(environment: GraphEnvironment) {
      const supergraph = await supergraphs.current(environment)
      return { supergraph, versions: supergraph ? await versions.byIds(supergraph.versionIds) : [] }
    },
    prepare: () => prepareModels([versions.model, supergraphs.model, gateways.model]),
  }
}

function officeOf(outside: Outside | undefined): SchemaOffice {
  if (!outside?.schemas) throw new Error('this process has no workshop to check schemas in')
  return outside.schemas
}

export type SchemasModels = ReturnType<typeof createSchemasModels>

/** Per-request reads by key. */
export function createSchemasLoaders({ versions, supergraphs, gateways }: SchemasModels) {
  const environments = (found: readonly GraphEnvironment[]) =>
    Promise.all(found.map(async (environment) => ({ environment, supergraph: await supergraphs.current(environment) })))
  return {
    versions: createLoader(versions.byIds, ({ _id }) => _id),
    supergraphs: createLoader(supergraphs.byIds, ({ _id }) => _id),
    gateways: createLoader(gateways.byIds, ({ _id }) => _id),
    current: createLoader(environments, ({ environment }) => environment),
  }
}

/** What resolvers and commands of this subgraph get. */
export type SchemasContext = SubgraphContext<SchemasModels, ReturnType<typeof createSchemasLoaders>>
