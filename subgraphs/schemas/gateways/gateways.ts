import { type Connection, Schema } from 'mongoose'
import { bindModel, findByIds } from '../../../storage/documents.ts'
import type { GraphEnvironment } from '../subgraph-versions.ts'

/** A subgraph as a gateway finds it. */
export interface GatewaySubgraph {
  readonly name: string
  readonly status: 'OK' | 'UNREACHABLE' | 'DIFFERS' | 'BROKEN'
  readonly failure: string | null
  readonly version: string | null
  readonly calls: number
  readonly failedCalls: number
  readonly p95: number | null
}

/** A process that serves the graph, as it was heard of last. */
export interface Gateway {
  readonly _id: string
  readonly environment: GraphEnvironment
  readonly host: string
  readonly productVersion: string
  readonly startedAt: Date
  readonly seenAt: Date
  readonly supergraph: string | null
  readonly refusedSupergraph: { readonly name: string; readonly reason: string } | null
  readonly subgraphs: readonly GatewaySubgraph[]
}

/** Gateways tell twice a minute; one that has ended, or is cut off, is shown for as long as this. */
const shownForMs = 5 * 60 * 1_000
const mostGateways = 100

/** Gateways by what they told last. */
export function createGateways(connection: Connection) {
  const model = bindModel<Gateway>(connection, 'Gateway', {
    collection: 'schemas_gateways',
    fields: {
      environment: { type: String, required: true },
      host: { type: String, required: true },
      productVersion: { type: String, required: true },
      startedAt: { type: Date, required: true },
      seenAt: { type: Date, required: true },
      supergraph: { type: String, default: null },
      refusedSupergraph: { type: Schema.Types.Mixed, default: null },
      subgraphs: { type: Schema.Types.Mixed, required: true },
    },
    indexes: [[{ environment: 1, seenAt: -1 }], [{ seenAt: 1 }, { expireAfterSeconds: shownForMs / 1_000 }]],
  })
  return {
    model,
    byIds: (ids: readonly string[]): Promise<Gateway[]> => findByIds(model, 'Gateway', ids),
    /** Those that were heard of lately, the latest first. */
    heardOf: (environment: GraphEnvironment, now: Date) =>
      model
        .find({ environment, seenAt: { $gt: new Date(now.getTime() - shownForMs) } })
        .sort({ seenAt: -1 })
        .limit(mostGateways)
        .lean<Gateway[]>(),
    /** Keeps what a gateway has told, in the place of what it told before. */
    async note({ _id, ...told }: Gateway): Promise<void> {
      await model.updateOne({ _id }, { $set: told }, { upsert: true })
    },
  }
}
