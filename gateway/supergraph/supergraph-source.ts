import type { Config } from '../../kit/config.ts'
import type { SchemaOffice } from '../../kit/schema-workshop.ts'
import type { SupergraphSource } from './follow-supergraph.ts'
import type { SystemSubscription } from '../identity/follow-changes.ts'
import type { SystemQuery } from '../identity/identity-directory.ts'
import { createFileSource } from './supergraph-file.ts'
import { createRegistrySource } from './supergraph-registry.ts'

/** Where this gateway has its supergraph from: a file or URL where one is configured, else the registry. */
export function supergraphSource(
  { SUPERGRAPH, GRAPH_ENVIRONMENT }: Pick<Config, 'SUPERGRAPH' | 'GRAPH_ENVIRONMENT'>,
  {
    office,
    query,
    subscribe,
  }: { readonly office: SchemaOffice; readonly query: SystemQuery; readonly subscribe: SystemSubscription },
): SupergraphSource {
  if (SUPERGRAPH !== undefined) return createFileSource(SUPERGRAPH, office)
  const environment = GRAPH_ENVIRONMENT === 'live' ? 'LIVE' : 'SANDBOX'
  return createRegistrySource({ environment, office, query, subscribe })
}
