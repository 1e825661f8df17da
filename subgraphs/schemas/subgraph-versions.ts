import { type ClientSession, type Connection, Schema } from 'mongoose'
import { type ConnectionArgs, readConnection } from '../../kit/connection.ts'
import type { EventTypeDeclaration } from '../../kit/declared-event-types.ts'
import type { DeclaredScope } from '../../kit/schema-workshop.ts'
import { bindModel, embeddedSchema, findByIds } from '../../storage/documents.ts'
import type { JudgedChange } from './judge-changes.ts'
import type { JudgedProblem } from './judge-documents.ts'

export type GraphEnvironment = 'LIVE' | 'SANDBOX'

/** What the checks said; without people's names and addresses where it is stored. */
export interface StoredCheck {
  readonly passed: boolean
  readonly problems: readonly JudgedProblem[]
  readonly changes: readonly JudgedChange[]
  readonly hints: readonly string[]
  readonly usageDays: number
}

/** A subgraph as it was published once, or that it was retired. It never changes. */
export interface SubgraphVersion {
  readonly _id: string
  readonly environment: GraphEnvironment
  readonly subgraph: string
  readonly number: number
  readonly url: string
  readonly sdl: string
  readonly replacesShipped: boolean
  readonly retirement: boolean
  readonly reason: string
  readonly author: string
  readonly authorUserId: string | null
  readonly publishedAt: Date
  readonly supergraphNumber: number
  readonly check: StoredCheck
  /** Absent in versions of before there were any. */
  readonly scopes?: readonly DeclaredScope[]
  /** Likewise. */
  readonly eventTypes?: readonly EventTypeDeclaration[]
}

const declaredScope = embeddedSchema<DeclaredScope>({
  name: { type: String, required: true },
  description: { type: String, required: true },
})

const eventType = embeddedSchema<EventTypeDeclaration>({
  name: { type: String, required: true },
  description: { type: String, required: true },
  scope: { type: String, required: true },
})

/** What was published, by environment and subgraph. */
export function createSubgraphVersions(connection: Connection) {
  const model = bindModel<SubgraphVersion>(connection, 'SubgraphVersion', {
    collection: 'schemas_subgraph_versions',
    fields: {
      environment: { type: String, required: true },
      subgraph: { type: String, required: true },
      number: { type: Number, required: true },
      url: { type: String, required: true },
      sdl: { type: String, required: true },
      replacesShipped: { type: Boolean, required: true },
      retirement: { type: Boolean, required: true },
      reason: { type: String, required: true },
      author: { type: String, required: true },
      authorUserId: { type: String, default: null },
      publishedAt: { type: Date, required: true },
      supergraphNumber: { type: Number, required: true },
      check: { type: Schema.Types.Mixed, required: true },
      scopes: { type: [declaredScope], default: [] },
      eventTypes: { type: [eventType], default: [] },
    },
    indexes: [
      [{ environment: 1, subgraph: 1, number: -1 }, { unique: true }],
      [{ environment: 1, subgraph: 1, publishedAt: -1, _id: -1 }],
      [{ environment: 1, publishedAt: -1, _id: -1 }],
    ],
  })
  return {
    model,
    byIds: (ids: readonly string[]): Promise<SubgraphVersion[]> => findByIds(model, 'SubgraphVersion', ids),
    latest: (environment: GraphEnvironment, subgraph: string, session?: ClientSession) =>
      model
        .findOne({ environment, subgraph }, null, session ? { session } : {})
        .sort({ number: -1 })
        .lean<SubgraphVersion>(),
    byNumber: (environment: GraphEnvironment, subgraph: string, number: number) =>
      model.findOne({ environment, subgraph, number }).lean<SubgraphVersion>(),
    insert: (session: ClientSession, version: SubgraphVersion) => model.insertMany([version], { session }),
    page(args: ConnectionArgs, filter: { environment: GraphEnvironment; subgraph?: string }) {
      return readConnection<SubgraphVersion>(args, {
        sortField: 'publishedAt',
        direction: -1,
        read: ({ after, sort, limit }) =>
          model.find({ ...filter, ...after }, null, { sort, limit }).lean<SubgraphVersion[]>(),
        count: () => model.countDocuments(filter),
      })
    },
  }
}
