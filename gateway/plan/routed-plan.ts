import type { EntityFetch, PlanNode, QueryPlan, RootFetch } from '../operation/query-plan.ts'

/** Which way each subgraph of a supergraph is reached, where that is not by its name. */
export type Routes = ReadonlyMap<string, string>

/**
 * The same plan with its fetches going by the routes of its supergraph: an operation that began before a subgraph moved
 * ends where it was.
 */
export function routedPlan(plan: QueryPlan, routes: Routes): QueryPlan {
  if (routes.size === 0) return plan
  return {
    primary: plan.primary && routedFetch(plan.primary, routes),
    node: plan.node && routedNode(plan.node, routes),
  }
}

function routedNode(node: PlanNode, routes: Routes): PlanNode {
  switch (node.kind) {
    case 'sequence':
    case 'parallel':
      return { ...node, nodes: node.nodes.map((inner) => routedNode(inner, routes)) }
    case 'condition':
      return {
        ...node,
        met: node.met && routedNode(node.met, routes),
        unmet: node.unmet && routedNode(node.unmet, routes),
      }
    case 'landing':
      return { ...node, node: routedNode(node.node, routes) }
    case 'defer':
      return {
        ...node,
        primary: node.primary && routedNode(node.primary, routes),
        deferred: node.deferred.map((part) => ({ ...part, node: part.node && routedNode(part.node, routes) })),
      }
    case 'fetch':
    case 'entities':
      return routedFetch(node, routes)
    default:
      return node satisfies never
  }
}

function routedFetch<Fetch extends RootFetch | EntityFetch>(fetch: Fetch, routes: Routes): Fetch {
  return { ...fetch, subgraph: routes.get(fetch.subgraph) ?? fetch.subgraph }
}
