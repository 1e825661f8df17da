import type { FetchNode, PlanNode } from '@apollo/query-planner/dist/QueryPlan.js'
import type { GraphQLSchema } from 'graphql'
import type { Caller } from '../../kit/caller.ts'
import { CodedError, isCodedError } from '../../kit/errors.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'
import type { Variables } from '../request.ts'
import { type DataObject, type ResponsePath, isObject, mergeInto } from './data.ts'
import { representationOf } from './representation.ts'
import { applyRewrites } from './rewrites.ts'
import { toClientErrors } from './subgraph-errors.ts'

/** What a plan run needs of the rest of the gateway. */
export interface FetchOperation {
  readonly subgraph: string
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly operationName: string | undefined
}

export interface PlanRun {
  /** The supergraph's schema, for type conditions. */
  readonly schema: GraphQLSchema
  readonly caller: Caller
  readonly variables: Variables
  readonly fetch: (operation: FetchOperation) => Promise<SubgraphResult>
  /** Logs what is not told to the client. */
  readonly onFailure: (error: unknown, subgraph: string) => void
  /** The answer as it grows, and the errors found on the way. */
  readonly data: DataObject
  readonly errors: CodedError[]
}

/** An object that a fetch adds to, and where it stands in the answer. */
interface Target {
  readonly object: DataObject
  readonly path: ResponsePath
}

/** Runs a plan node against the whole answer; results are merged into `run.data`, errors collected. */
export function runPlan(run: PlanRun, node: PlanNode): Promise<void> {
  return runNode(run, node, [{ object: run.data, path: [] }])
}

async function runNode(run: PlanRun, node: PlanNode, targets: readonly Target[]): Promise<void> {
  switch (node.kind) {
    case 'Sequence':
      for (const step of node.nodes) await runNode(run, step, targets)
      return
    case 'Parallel':
      await Promise.all(node.nodes.map((branch) => runNode(run, branch, targets)))
      return
    case 'Flatten': {
      const inner = targets.flatMap((target) => targetsAt(target, node.path))
      if (inner.length > 0) await runNode(run, node.node, inner)
      return
    }
    case 'Condition': {
      const branch = run.variables[node.condition] === true ? node.ifClause : node.elseClause
      if (branch) await runNode(run, branch, targets)
      return
    }
    case 'Fetch':
      await (node.requires ? runEntityFetch(run, node, targets) : runRootFetch(run, node, targets))
      return
    case 'Defer':
      throw new Error('the plan has a @defer node, which the planner was told not to make')
  }
}

async function runRootFetch(run: PlanRun, node: FetchNode, targets: readonly Target[]): Promise<void> {
  const result = await fetchOrFail(run, node, pickVariables(node, run.variables), targets)
  if (result === null) return
  for (const target of targets) mergeRootResult(run, node, result, target)
}

/** Merges the answer of a fetch from a root type; also used for the events of a subscription. */
export function mergeRootResult(run: PlanRun, node: FetchNode, result: SubgraphResult, target: Target): void {
  run.errors.push(...toClientErrors(result.errors ?? [], (path) => [[...target.path, ...path]]))
  if (!result.data) return
  applyRewrites(run.schema, node.outputRewrites, [result.data])
  mergeInto(target.object, result.data)
}

/** Sends each distinct representation once; its answer is merged into every object that it stands for. */
async function runEntityFetch(run: PlanRun, node: FetchNode, targets: readonly Target[]): Promise<void> {
  const representations: DataObject[] = []
  const owners: Target[][] = []
  const indexByJson = new Map<string, number>()
  for (const target of targets) {
    const representation = representationOf(run.schema, target.object, node.requires ?? [])
    if (representation === null) continue
    applyRewrites(run.schema, node.inputRewrites, [representation])
    const json = JSON.stringify(representation)
    const known = indexByJson.get(json)
    if (known !== undefined) {
      owners[known]?.push(target)
      continue
    }
    indexByJson.set(json, representations.length)
    representations.push(representation)
    owners.push([target])
  }
  if (representations.length === 0) return

  const result = await fetchOrFail(run, node, { ...pickVariables(node, run.variables), representations }, owners.flat())
  if (result === null) return
  run.errors.push(
    ...toClientErrors(result.errors ?? [], ([, index, ...rest]) =>
      typeof index === 'number' ? (owners[index] ?? []).map(({ path }) => [...path, ...rest]) : [],
    ),
  )
  const entities = result.data?.['_entities']
  if (!Array.isArray(entities)) return
  applyRewrites(run.schema, node.outputRewrites, entities)
  entities.forEach((entity: unknown, index) => {
    // Two objects may stand for one entity: each gets a copy, or a later merge into one would show in the other.
    owners[index]?.forEach((owner, copy) => {
      if (isObject(entity)) mergeInto(owner.object, copy === 0 ? entity : structuredClone(entity))
    })
  })
}

/** Null when no answer came: then the error is noted at the first place that the fetch would have filled. */
async function fetchOrFail(
  run: PlanRun,
  node: FetchNode,
  variables: Readonly<Record<string, unknown>>,
  targets: readonly Target[],
): Promise<SubgraphResult | null> {
  if (node.contextRewrites?.length) {
    throw new CodedError('INTERNAL', 'Fields that take their arguments from @fromContext cannot be fetched yet.')
  }
  try {
    return await run.fetch({
      subgraph: node.serviceName,
      query: node.operation,
      variables,
      operationName: node.operationName,
    })
  } catch (error) {
    run.onFailure(error, node.serviceName)
    const coded = isCodedError(error) ? error : new CodedError('INTERNAL', 'Something went wrong on our side.')
    const { code: _code, ...details } = coded.extensions
    const path = targets[0]?.path
    run.errors.push(new CodedError(coded.code, coded.message, details, path?.length ? path : undefined))
    return null
  }
}

/** The variables that a fetch uses; one without a value is left out, so that the argument's default holds. */
export function pickVariables(node: FetchNode, variables: Variables): Record<string, unknown> {
  return Object.fromEntries(
    (node.variableUsages ?? []).filter((name) => Object.hasOwn(variables, name)).map((name) => [name, variables[name]]),
  )
}

/** The objects at a flatten path: `@` stands for every item of a list. */
function targetsAt(target: Target, path: readonly (string | number)[]): Target[] {
  let found: { value: unknown; path: ResponsePath }[] = [{ value: target.object, path: target.path }]
  for (const step of path) {
    found = found.flatMap(({ value, path: at }) => {
      if (step === '@') {
        return Array.isArray(value) ? value.map((item: unknown, index) => ({ value: item, path: [...at, index] })) : []
      }
      return isObject(value) ? [{ value: value[step], path: [...at, step] }] : []
    })
  }
  return found.flatMap(({ value, path: at }) => flattenLists(value, at))
}

function flattenLists(value: unknown, path: ResponsePath): Target[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => flattenLists(item, [...path, index]))
  return isObject(value) ? [{ object: value, path }] : []
}
