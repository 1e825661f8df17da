import { operationFromDocument } from '@apollo/federation-internals'
import type { QueryPlanner } from '@apollo/query-planner'
import type {
  DeferredNode as ApolloDeferred,
  FetchDataRewrite,
  FetchNode,
  PlanNode as ApolloNode,
  QueryPlanSelectionNode,
  SubscriptionNode,
} from '@apollo/query-planner/dist/QueryPlan.js'
import { parse } from 'graphql'
import type { Planner } from './planner.ts'
import {
  type DeferredNode,
  type EntityFetch,
  type PlanNode,
  type PlanPath,
  type QueryPlan,
  type RequiredSelection,
  type Rewrite,
  type RewritePath,
  type RootFetch,
} from '../operation/query-plan.ts'

/** Apollo's query planner, which runs wherever Node does. */
export function createApolloPlanner(planner: QueryPlanner): Planner {
  const schema = planner.supergraph.apiSchema()
  return {
    name: 'apollo',
    plan: (operation) => {
      const document = parse(operation, { noLocation: true })
      return toPlan(planner.buildQueryPlan(operationFromDocument(schema, document)).node)
    },
  }
}

function toPlan(node: ApolloNode | SubscriptionNode | undefined): QueryPlan {
  if (node === undefined) return { primary: null, node: null }
  if (node.kind !== 'Subscription') return { primary: null, node: toNode(node, []) }
  return { primary: toRootFetch(node.primary, []), node: node.rest ? toNode(node.rest, []) : null }
}

function toNode(node: ApolloNode, path: PlanPath): PlanNode {
  switch (node.kind) {
    case 'Sequence':
      return { kind: 'sequence', nodes: node.nodes.map((inner) => toNode(inner, path)) }
    case 'Parallel':
      return { kind: 'parallel', nodes: node.nodes.map((inner) => toNode(inner, path)) }
    case 'Flatten':
      return toNode(node.node, [...path, ...node.path.map(String)])
    case 'Condition':
      return {
        kind: 'condition',
        variable: node.condition,
        met: node.ifClause ? toNode(node.ifClause, path) : null,
        unmet: node.elseClause ? toNode(node.elseClause, path) : null,
      }
    case 'Fetch':
      // The supergraph's composition refuses @fromContext, which is what these are for.
      if (node.contextRewrites?.length) throw new Error('the plan takes arguments from @fromContext')
      return landing(node, node.requires ? toEntityFetch(node, node.requires, path) : toRootFetch(node, path))
    case 'Defer':
      return {
        kind: 'defer',
        primary: node.primary.node ? toNode(node.primary.node, path) : null,
        // Their paths begin at the root, as all others.
        deferred: node.deferred.map(toDeferred),
      }
    default:
      return node satisfies never
  }
}

function toDeferred({ label, depends, node }: ApolloDeferred): DeferredNode {
  if (label === undefined) throw new Error('a deferred part of the plan has no label')
  return { label, depends: depends.map(({ id }) => id), node: node ? toNode(node, []) : null }
}

/** Fetches have an id where a deferred part waits for them. */
function landing({ id }: FetchNode, node: PlanNode): PlanNode {
  return id === undefined ? node : { kind: 'landing', id, node }
}

function toRootFetch(node: FetchNode, path: PlanPath): RootFetch {
  return { kind: 'fetch', ...toFetch(node), path, outputRewrites: toRewrites(node.outputRewrites) }
}

function toEntityFetch(node: FetchNode, requires: readonly QueryPlanSelectionNode[], path: PlanPath): EntityFetch {
  const batch = {
    responseKey: '_entities',
    variable: 'representations',
    paths: [path],
    requires: requires.map(toRequired),
    inputRewrites: toRewrites(node.inputRewrites),
    outputRewrites: toRewrites(node.outputRewrites),
  }
  return { kind: 'entities', ...toFetch(node), batches: [batch] }
}

function toFetch({ serviceName, operation, operationName, variableUsages = [] }: FetchNode) {
  return { subgraph: serviceName, document: operation, operationName, variables: variableUsages }
}

function toRequired(selection: QueryPlanSelectionNode): RequiredSelection {
  if (selection.kind === 'Field') {
    const { name, alias, selections } = selection
    const responseKey = alias ?? name
    return { kind: 'field', name: responseKey, responseKey, selections: selections?.map(toRequired) ?? null }
  }
  const { typeCondition, selections } = selection
  return { kind: 'fragment', type: typeCondition ?? null, selections: selections.map(toRequired) }
}

function toRewrites(rewrites: readonly FetchDataRewrite[] | undefined): Rewrite[] {
  return (rewrites ?? []).map((rewrite) => {
    const path = rewrite.path.map(toRewriteStep)
    return rewrite.kind === 'ValueSetter'
      ? { kind: 'set', path, value: rewrite.setValueTo as unknown }
      : { kind: 'rename', path, to: rewrite.renameKeyTo }
  })
}

function toRewriteStep(step: string): RewritePath[number] {
  return step.startsWith('... on ') ? { types: [step.slice('... on '.length)] } : step
}
