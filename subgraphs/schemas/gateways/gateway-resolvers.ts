import { CodedError } from '../../../kit/errors.ts'
import { isIdOf } from '../../../kit/ids.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { SchemasContext } from '../schemas-context.ts'
import type { GraphEnvironment } from '../subgraph-versions.ts'
import type { Gateway } from './gateways.ts'

/** What a gateway tells of itself; what may be left out comes as undefined or null. */
export interface GatewayReport extends Omit<Gateway, '_id' | 'seenAt' | 'startedAt'> {
  readonly id: string
  /** A Date once the graph has read it, a text on the way to it. */
  readonly startedAt: Date | string
}

const longestText = 2_000
const mostSubgraphs = 100

export const gatewayResolvers: Resolvers<SchemasContext> = {
  Query: {
    gateways: (
      _: unknown,
      { environment }: { readonly environment: GraphEnvironment },
      { models, now }: SchemasContext,
    ) => models.gateways.heardOf(environment, now()),
  },
  Mutation: {
    async reportGateway(_: unknown, { report }: { readonly report: GatewayReport }, { models, now }: SchemasContext) {
      const { id, host, productVersion, refusedSupergraph, subgraphs, ...told } = report
      if (!isIdOf('Gateway', id) || host.length > 255 || productVersion.length > 100) {
        throw new CodedError('BAD_USER_INPUT', 'A gateway has an id (`gw_`), a host and a version.', {
          argument: 'report',
        })
      }
      await models.gateways.note({
        _id: id,
        environment: told.environment,
        host,
        productVersion,
        startedAt: new Date(told.startedAt),
        seenAt: now(),
        supergraph: told.supergraph ?? null,
        refusedSupergraph: refusedSupergraph
          ? { name: cut(refusedSupergraph.name), reason: cut(refusedSupergraph.reason) }
          : null,
        subgraphs: subgraphs.slice(0, mostSubgraphs).map((subgraph) => ({
          ...subgraph,
          failure: subgraph.failure ? cut(subgraph.failure) : null,
          version: subgraph.version ? cut(subgraph.version) : null,
          p95: subgraph.p95 ?? null,
        })),
      })
      return true
    },
  },
  Gateway: {
    __resolveReference: ({ id }: { readonly id: string }, { loaders }: SchemasContext) => loaders.gateways.load(id),
    id: ({ _id }: Gateway) => _id,
  },
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text
}
