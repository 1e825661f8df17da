import type { GraphQLSchema } from 'graphql'
import type { GraphQLFormattedError } from 'graphql'
import type { EntityBatch, EntityFetch } from '../operation/query-plan.ts'
import { type DataObject, type ResponsePath, isObject } from './data.ts'
import { type EntityMerge, createEntityMerges, mergeRewritten } from './entity-merge.ts'
import { createFetchText } from './fetch-text.ts'
import { generatedLater } from './generated-code.ts'
import { type Places, createPlaces } from './places.ts'
import { type FetchResult, type PlanRun, ask } from './plan-run.ts'
import { type Representations, createRepresentations } from './representation-text.ts'
import { createRewriter } from './rewrites.ts'
import { toClientErrors } from './subgraph-errors.ts'

/** Compiles a fetch of entities: each distinct entity of all its places is asked for once. */
export function createEntityFetcher(schema: GraphQLSchema, fetch: EntityFetch): (run: PlanRun) => Promise<void> {
  const { subgraph, document: query, operationName } = fetch
  const text = createFetchText(fetch)
  const mergeOf = createEntityMerges(query)
  const batches = fetch.batches.map((batch) => compileBatch(schema, batch, mergeOf(batch.responseKey)))

  return async (run) => {
    const transport = run.transportOf(subgraph)
    const gathered = batches.map((batch) => batch.gather(run))
    if (gathered.every(({ texts }) => texts.length === 0)) return
    const sendsText = transport.sendsText === true
    const result = await ask(
      run,
      { transport, subgraph },
      {
        query,
        operationName,
        variables: sendsText
          ? {}
          : Object.assign(text.pick(run.variables), ...gathered.map(({ asValue }) => asValue())),
        body: sendsText
          ? text.body(
              run.variables,
              gathered.map(({ variable, texts }) => ({ variable, text: `[${texts.join(',')}]` })),
            )
          : undefined,
        firstPlace: () => gathered.find(({ texts }) => texts.length > 0)?.pathsOf(0)[0],
      },
    )
    if (result) merge(run, result, gathered)
  }
}

/** The entities of one batch in one run. */
interface Gathered {
  readonly responseKey: string
  readonly variable: string
  /** Each distinct representation as JSON text. */
  readonly texts: readonly string[]
  /** The representations as a value of their variable, for transports that send no text. */
  readonly asValue: () => Record<string, unknown>
  /** Adds the entities that were answered to the objects that they stand for. */
  merge(entities: readonly unknown[]): void
  /** Where the entity of a representation stands in the answer. */
  pathsOf(index: number): ResponsePath[]
}

/** The index of an object that has not what its representation requires. */
const none = -1

interface CompiledBatch {
  gather(run: PlanRun): Gathered
}

function compileBatch(schema: GraphQLSchema, batch: EntityBatch, mergePlain: EntityMerge): CompiledBatch {
  const { responseKey, variable } = batch
  const allPlaces = batch.paths.map((path) => createPlaces(schema, path))
  const representations = createRepresentations(schema, batch.requires, createRewriter(schema, batch.inputRewrites))
  const writing = generatedLater<readonly [], Pick<Representations, 'keyOf' | 'isSame' | 'write'>>(
    () => representations,
    () => {
      const written = representations.generate?.() ?? representations
      return () => written
    },
  )
  const rewriteOutput = createRewriter(schema, batch.outputRewrites)
  const mergeEntities: EntityMerge = (standing, entities) => {
    if (rewriteOutput === null) return mergePlain(standing, entities)
    rewriteOutput(entities)
    mergeRewritten(standing, entities)
  }

  return {
    gather({ data, variables }) {
      const objects: DataObject[] = []
      for (const places of allPlaces) places.find(data, objects)
      const texts: string[] = []
      const firsts: DataObject[] = []
      // Of each object the index of its representation, or none.
      const indexes: number[] = []
      const known = new Map<unknown, number>()
      const { keyOf, isSame, write } = writing()
      for (const object of objects) {
        const key = keyOf(object, variables)
        let index = key === undefined ? none : known.get(key)
        if (index === undefined || (index !== none && !isSame(firsts[index] as DataObject, object))) {
          index = texts.push(write(object, variables)) - 1
          known.set(key, index)
          firsts.push(object)
        }
        indexes.push(index)
      }
      return {
        responseKey,
        variable,
        texts,
        asValue: () => ({ [variable]: firsts.map((object) => representations.make(object, variables)) }),
        merge: (entities) => mergeEntities({ objects, indexes }, entities),
        pathsOf: (index) => pathsOf(allPlaces, data, new Set(objects.filter((_, at) => indexes[at] === index))),
      }
    },
  }
}

/** Worked out anew: paths are wanted only for errors. */
function pathsOf(allPlaces: readonly Places[], data: DataObject, wanted: ReadonlySet<DataObject>): ResponsePath[] {
  return allPlaces.flatMap((places) =>
    places.findWithPaths(data).flatMap(({ object, path }) => (wanted.has(object) ? [path] : [])),
  )
}

function merge(run: PlanRun, { data, errors }: FetchResult, gathered: readonly Gathered[]): void {
  if (errors !== undefined) run.errors.push(...toClientErrors(errors, (path) => clientPaths(path, gathered)))
  if (!isObject(data)) return
  for (const batch of gathered) {
    const entities = data[batch.responseKey]
    if (Array.isArray(entities)) batch.merge(entities)
  }
}

function clientPaths(
  [key, index, ...rest]: NonNullable<GraphQLFormattedError['path']>,
  gathered: readonly Gathered[],
): ResponsePath[] {
  const batch = gathered.find(({ responseKey }) => responseKey === key)
  if (batch === undefined || typeof index !== 'number') return []
  return batch.pathsOf(index).map((path) => [...path, ...rest])
}
