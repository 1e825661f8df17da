import type { Logger } from '../../kit/log.ts'
import type { SchemaOffice } from '../../kit/schema-workshop.ts'
import { type Editions, createEditions } from './editions.ts'

/** What a gateway serves besides the whole graph. */
export interface GraphEditions {
  readonly windows: Editions
  /** The schemas of all contracts and versions of a supergraph by name; what has none is logged. */
  sdlsOf(supergraphSdl: string): Promise<ReadonlyMap<string, string>>
}

/** Contracts and versions as they are declared, with schemas that are worked out beside the thread that serves. */
export function createGraphEditions(
  { contracts, editionsOf }: Pick<SchemaOffice, 'contracts' | 'editionsOf'>,
  { path, now, log }: { readonly path: string; readonly now: () => Date; readonly log: Logger },
): GraphEditions {
  return {
    windows: createEditions({ ...contracts, path }, now),
    async sdlsOf(supergraphSdl) {
      try {
        const { sdls, problems } = await editionsOf(supergraphSdl)
        for (const problem of problems) log.error({ problem }, 'a contract or version is not whole')
        return sdls
      } catch (error) {
        // The graph itself can be served.
        log.error({ err: error }, 'the schemas of contracts could not be worked out; nothing below the graph answers')
        return new Map()
      }
    },
  }
}
