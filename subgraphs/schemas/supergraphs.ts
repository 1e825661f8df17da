import type { ClientSession, Connection } from 'mongoose'
import { type ConnectionArgs, readConnection } from '../../kit/connection.ts'
import { bindModel, findByIds } from '../../storage/documents.ts'
import type { GraphEnvironment } from './subgraph-versions.ts'

/** What the shipped subgraphs and those that were published came to. It never changes. */
export interface Supergraph {
  readonly _id: string
  readonly environment: GraphEnvironment
  /** The highest of an environment is served. */
  readonly number: number
  readonly sdl: string
  /** What clients see of it. */
  readonly apiSdl: string
  /** Of which shipped subgraphs: see `SchemaOffice.base`. */
  readonly base: string
  /** Ids of the versions of published subgraphs in it. */
  readonly versionIds: readonly string[]
  readonly hints: readonly string[]
  readonly composedAt: Date
}

/** Supergraphs by environment, counted from 1. */
export function createSupergraphs(connection: Connection) {
  const model = bindModel<Supergraph>(connection, 'Supergraph', {
    collection: 'schemas_supergraphs',
    fields: {
      environment: { type: String, required: true },
      number: { type: Number, required: true },
      sdl: { type: String, required: true },
      apiSdl: { type: String, required: true },
      base: { type: String, required: true },
      versionIds: { type: [String], required: true },
      hints: { type: [String], required: true },
      composedAt: { type: Date, required: true },
    },
    indexes: [[{ environment: 1, number: -1 }, { unique: true }], [{ environment: 1, number: -1, _id: -1 }]],
  })
  return {
    model,
    byIds: (ids: readonly string[]): Promise<Supergraph[]> => findByIds(model, 'Supergraph', ids),
    /** Null before anything was published. */
    current: (environment: GraphEnvironment, session?: ClientSession) =>
      model
        .findOne({ environment }, null, session ? { session } : {})
        .sort({ number: -1 })
        .lean<Supergraph>(),
    /** Its number alone; 0 before anything was published. */
    async currentNumber(environment: GraphEnvironment): Promise<number> {
      const found = await model
        .findOne({ environment }, { number: 1 })
        .sort({ number: -1 })
        .lean<Pick<Supergraph, 'number'>>()
      return found?.number ?? 0
    },
    byNumber: (environment: GraphEnvironment, number: number) =>
      model.findOne({ environment, number }).lean<Supergraph>(),
    insert: (session: ClientSession, supergraph: Supergraph) => model.insertMany([supergraph], { session }),
    page(args: ConnectionArgs, environment: GraphEnvironment) {
      return readConnection<Supergraph>(args, {
        sortField: 'number',
        direction: -1,
        read: ({ after, sort, limit }) =>
          model.find({ environment, ...after }, null, { sort, limit }).lean<Supergraph[]>(),
        count: () => model.countDocuments({ environment }),
      })
    },
  }
}
