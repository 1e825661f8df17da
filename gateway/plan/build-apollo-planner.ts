import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import { QueryPlanner } from '@apollo/query-planner'
import { apolloSupergraph } from './apollo-supergraph.ts'

/** Plans are made by the snapshot's planner; these bounds keep a hostile operation from planning for seconds. */
export const apolloPlannerConfig = {
  incrementalDelivery: { enableDefer: true },
  debug: { maxEvaluatedPlans: 1_000, pathsLimit: 10_000 },
}

/** Takes a good part of a second, and seconds for thousands of types: not for a thread that serves. */
export function buildApolloPlanner(supergraphSdl: string): QueryPlanner {
  const supergraph = Supergraph.build(apolloSupergraph(supergraphSdl), {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  })
  return new QueryPlanner(supergraph, apolloPlannerConfig)
}
