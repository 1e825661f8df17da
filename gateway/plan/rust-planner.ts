import { createRequire } from 'node:module'
import type * as Native from '@graphql-hive/router-query-planner'
import type { Planner } from './planner.ts'
import {
  type EntityBatch,
  type PathStep,
  type PlanNode,
  type PlanPath,
  type QueryPlan,
  type RequiredSelection,
  type Rewrite,
  type RewritePath,
  type RootFetch,
  everyItem,
} from '../operation/query-plan.ts'

/** No label of a progressive `@override` is active: overridden fields come from where they were before. */
const noLabels: Set<string> = new Set()
const noPercentage = 0

const require = createRequire(import.meta.url)

/** Makes a planner of a supergraph; throws when the supergraph cannot be planned for. */
export type RustPlannerFactory = (supergraphSdl: string) => Planner

/**
 * The query planner of Hive Router, compiled from Rust. Null where its binary does not load: it is prebuilt for Linux
 * with glibc and for macOS.
 */
export function loadRustPlanner(): RustPlannerFactory | null {
  const native = load()
  return (
    native &&
    ((supergraphSdl) => {
      const planner = new native.QueryPlanner(supergraphSdl)
      return {
        name: 'rust',
        plan: (operation) => toPlan(planner.plan(operation, null, noLabels, noPercentage).node),
      }
    })
  )
}

function load(): typeof Native | null {
  try {
    return require('@graphql-hive/router-query-planner') as typeof Native
  } catch {
    return null
  }
}

/** What a subscription's plan has besides what its types tell: `kind` is missing in a primary fetch. */
type NativeFetch = Omit<Native.FetchNode, 'kind'>

function toPlan(node: Native.PlanNode | undefined): QueryPlan {
  if (node === undefined) return { primary: null, node: null }
  const { primary, rest } = takePrimary(node)
  return { primary, node: rest && toNode(rest, []) }
}

/** A subscription comes alone or first in a sequence. */
function takePrimary(node: Native.PlanNode): { primary: RootFetch | null; rest: Native.PlanNode | null } {
  if (node.kind === 'Subscription') return { primary: toRootFetch(node.primary, []), rest: null }
  const [first, ...others] = node.kind === 'Sequence' ? node.nodes : []
  if (first?.kind !== 'Subscription') return { primary: null, rest: node }
  return {
    primary: toRootFetch(first.primary, []),
    rest: others.length === 0 ? null : { kind: 'Sequence', nodes: others },
  }
}

function toNode(node: Native.PlanNode, path: PlanPath): PlanNode {
  switch (node.kind) {
    case 'Sequence':
      return { kind: 'sequence', nodes: node.nodes.map((inner) => toNode(inner, path)) }
    case 'Parallel':
      return { kind: 'parallel', nodes: node.nodes.map((inner) => toNode(inner, path)) }
    case 'Flatten':
      return toNode(node.node, [...path, ...node.path.map(toStep)])
    case 'Condition':
      return {
        kind: 'condition',
        variable: node.condition,
        met: node.ifClause ? toNode(node.ifClause, path) : null,
        unmet: node.elseClause ? toNode(node.elseClause, path) : null,
      }
    case 'Fetch':
      if (!node.requires) return toRootFetch(node, path)
      return {
        kind: 'entities',
        ...toFetch(node),
        batches: [
          {
            responseKey: '_entities',
            variable: 'representations',
            paths: [path],
            requires: toRequired(node.requires),
            ...bothRewrites(node),
          },
        ],
      }
    case 'BatchFetch':
      return {
        kind: 'entities',
        ...toFetch(node),
        batches: node.entityBatch.aliases.map((alias) => toBatch(alias, path)),
      }
    case 'Subscription':
    case 'Defer':
      throw new Error(`the plan has a node that the engine does not know here: ${node.kind}`)
    default:
      return node satisfies never
  }
}

function toBatch(batch: Native.EntityBatchAlias, path: PlanPath): EntityBatch {
  return {
    responseKey: batch.alias,
    variable: batch.representationsVariableName,
    paths: batch.paths.map((inner) => [...path, ...inner.map(toStep)]),
    requires: toRequired(batch.requires),
    ...bothRewrites(batch),
  }
}

function toRootFetch(node: NativeFetch, path: PlanPath): RootFetch {
  return { kind: 'fetch', ...toFetch(node), path, outputRewrites: toRewrites(node.outputRewrites) }
}

function toFetch({ serviceName, operation, operationName, variableUsages = [] }: NativeFetch | Native.BatchFetchNode) {
  return { subgraph: serviceName, document: operation, operationName, variables: variableUsages }
}

function toStep(step: Native.FlattenNodePathSegment): PathStep {
  if (step === '@') return everyItem
  return 'Field' in step ? step.Field : { types: step.TypeCondition }
}

function toRequired(selections: readonly Native.RequiresSelection[]): RequiredSelection[] {
  return selections.map((selection) => {
    if (selection.kind === 'FragmentSpread') throw new Error('a representation has a fragment spread')
    if (selection.kind === 'Field') {
      // Here `name` is what the planner called it in the answer, and `alias` what the representation calls it.
      const { name: responseKey, alias: name = responseKey, selections: inner } = selection
      return { kind: 'field', name, responseKey, selections: inner?.length ? toRequired(inner) : null }
    }
    const { typeCondition, selections: inner, skipIf, includeIf } = selection
    return { kind: 'fragment', type: typeCondition, selections: toRequired(inner), skipIf, includeIf }
  })
}

function bothRewrites(node: { inputRewrites?: Native.InputRewrite[]; outputRewrites?: Native.OutputRewrite[] }) {
  return { inputRewrites: toRewrites(node.inputRewrites), outputRewrites: toRewrites(node.outputRewrites) }
}

function toRewrites(rewrites: readonly Native.FetchRewrite[] | undefined): Rewrite[] {
  return (rewrites ?? []).map((rewrite) => {
    if ('KeyRenamer' in rewrite) {
      const { path, renameKeyTo } = rewrite.KeyRenamer
      return { kind: 'rename', path: path.map(toRewriteStep), to: renameKeyTo }
    }
    const { path, setValueTo } = 'ValueSetter' in rewrite ? rewrite.ValueSetter : rewrite
    return { kind: 'set', path: path.map(toRewriteStep), value: setValueTo }
  })
}

function toRewriteStep(step: Native.FetchNodePathSegment): RewritePath[number] {
  return 'Key' in step ? step.Key : { types: step.TypenameEquals }
}
