import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { DateTimeISOResolver } from 'graphql-scalars'
import type { SubgraphDefinition } from '../subgraph-definition.ts'
import { guardTenancy } from './guard-tenancy.ts'
import { type GuardedSchema, guardSchema } from './shield-from-directives.ts'

/** The executable schema of a subgraph: its resolvers behind the tenancy guard, and that behind graphql-shield. */
export function buildGuardedSchema<Models, Loaders>(
  definition: Pick<SubgraphDefinition<Models, Loaders>, 'sdl' | 'resolvers'>,
): GuardedSchema {
  const schema = buildSubgraphSchema({
    typeDefs: parse(definition.sdl, { noLocation: false }),
    resolvers: { DateTimeISO: DateTimeISOResolver, ...definition.resolvers },
  })
  guardTenancy(schema)
  return guardSchema(schema)
}
