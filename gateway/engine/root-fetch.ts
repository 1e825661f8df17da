import type { GraphQLSchema } from 'graphql'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'
import type { RootFetch } from '../operation/query-plan.ts'
import type { Variables } from '../request.ts'
import { type DataObject, isObject, mergeInto } from './data.ts'
import { createFetchText } from './fetch-text.ts'
import { createPlaces } from './places.ts'
import { type Asked, type PlanRun, ask } from './plan-run.ts'
import { createRewriter } from './rewrites.ts'
import { toClientErrors } from './subgraph-errors.ts'

/** A compiled fetch of root fields. */
export interface RootFetcher {
  readonly subgraph: string
  run(run: PlanRun): Promise<void>
  /** What is asked with these variables, for a fetch that is streamed. */
  asked(variables: Variables): Omit<Asked, 'body'>
  /** Adds what the subgraph answered to the answer; for an event of a stream too. */
  merge(run: PlanRun, result: SubgraphResult): void
}

export function createRootFetcher(schema: GraphQLSchema, fetch: RootFetch): RootFetcher {
  const { subgraph, document: query, operationName } = fetch
  const text = createFetchText(fetch)
  const places = createPlaces(schema, fetch.path)
  const rewrite = createRewriter(schema, fetch.outputRewrites)
  const isWhole = fetch.path.length === 0

  const objectsAt = ({ data }: PlanRun): readonly DataObject[] => {
    const found: DataObject[] = []
    places.find(data, found)
    return found
  }
  const merge = (run: PlanRun, { errors, data }: SubgraphResult): void => {
    if (errors !== undefined) {
      const at = places.findWithPaths(run.data)
      run.errors.push(...toClientErrors(errors, (path) => at.slice(0, 1).map((place) => [...place.path, ...path])))
    }
    if (!isObject(data)) return
    rewrite?.([data])
    if (isWhole) mergeInto(run.data, data)
    else for (const object of objectsAt(run)) mergeInto(object, data)
  }
  return {
    subgraph,
    asked: (variables) => ({ query, operationName, variables: text.pick(variables) }),
    merge,
    async run(run) {
      if (!isWhole && objectsAt(run).length === 0) return
      const transport = run.transportOf(subgraph)
      const sendsText = transport.sendsText === true
      const result = await ask(
        run,
        { transport, subgraph },
        {
          query,
          operationName,
          variables: sendsText ? {} : text.pick(run.variables),
          body: sendsText ? text.body(run.variables) : undefined,
          firstPlace: () => places.findWithPaths(run.data)[0]?.path,
        },
      )
      if (result) merge(run, result)
    },
  }
}
