import type { GraphQLSchema } from 'graphql'
import type { PlanNode, QueryPlan } from '../operation/query-plan.ts'
import { createEntityFetcher } from './entity-fetch.ts'
import { mergeFetches } from './merge-fetches.ts'
import type { PlanRun } from './plan-run.ts'
import { type RootFetcher, createRootFetcher } from './root-fetch.ts'

/** A plan that is ready to run any number of times. */
export interface CompiledPlan {
  /** The fetch of a subscription that is streamed; `run` is then for each of its events. */
  readonly primary: RootFetcher | null
  /** Makes the fetches; answers are merged into the run's data, errors collected. */
  run(run: PlanRun): Promise<void>
}

export type Step = (run: PlanRun) => Promise<void>

/** Compiles a plan against the supergraph's schema: all that does not depend on a request is done here, once. */
export function compilePlan(schema: GraphQLSchema, { primary, node }: QueryPlan): CompiledPlan {
  return {
    primary: primary && createRootFetcher(schema, primary),
    run: node ? compileNode(schema, node) : nothing,
  }
}

/** Compiles a part of a plan; `landed` is told of each fetch that deferred parts wait for. */
export function compileNode(
  schema: GraphQLSchema,
  node: PlanNode,
  landed: (run: PlanRun, id: string) => void = notWaitedFor,
): Step {
  switch (node.kind) {
    case 'sequence': {
      const steps = node.nodes.map((inner) => compileNode(schema, inner, landed))
      return async (run) => {
        for (const step of steps) await step(run)
      }
    }
    case 'parallel': {
      const steps = mergeFetches(node.nodes).map((inner) => compileNode(schema, inner, landed))
      return async (run) => {
        await Promise.all(steps.map((step) => step(run)))
      }
    }
    case 'condition': {
      const met = node.met ? compileNode(schema, node.met, landed) : nothing
      const unmet = node.unmet ? compileNode(schema, node.unmet, landed) : nothing
      return (run) => (run.variables[node.variable] === true ? met(run) : unmet(run))
    }
    case 'landing': {
      const { id } = node
      const step = compileNode(schema, node.node, landed)
      return async (run) => {
        await step(run)
        landed(run, id)
      }
    }
    case 'defer':
      throw new Error('the plan defers a part in the middle of another')
    case 'fetch': {
      const fetcher = createRootFetcher(schema, node)
      return (run) => fetcher.run(run)
    }
    case 'entities':
      return createEntityFetcher(schema, node)
    default:
      return node satisfies never
  }
}

function notWaitedFor(): void {}

export function nothing(): Promise<void> {
  return Promise.resolve()
}
