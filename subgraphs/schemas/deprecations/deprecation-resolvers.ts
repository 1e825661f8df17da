import { Kind, parse } from 'graphql'
import { type Deprecation, deprecationOf } from '../../../kit/sunset.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { SchemasContext } from '../schemas-context.ts'
import type { GraphEnvironment } from '../subgraph-versions.ts'
import { usersWithin } from '../who-uses.ts'

interface Asked {
  readonly environment: GraphEnvironment
  readonly usageDays: number
}

const mostDeprecations = 200

export const deprecationResolvers: Resolvers<SchemasContext> = {
  Query: {
    async schemaDeprecations(_: unknown, { environment, usageDays }: Asked, context: SchemasContext) {
      const { models } = context
      const current = await models.supergraphs.current(environment)
      const found = deprecationsIn(current?.sdl ?? models.office().shippedSupergraph())
      const usersOf = usersWithin(context, {
        uses: found.map(({ coordinate }) => ({ coordinate })),
        usageDays,
      })
      return found.map((deprecation) => ({
        ...deprecation,
        users: () => usersOf({ coordinate: deprecation.coordinate }),
      }))
    },
  },
}

type Found = Deprecation & { readonly coordinate: string }

/** What a supergraph says goes away: fields and arguments of objects and interfaces. */
function deprecationsIn(supergraphSdl: string): Found[] {
  const found: Found[] = []
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue
    for (const field of definition.fields ?? []) {
      const coordinate = `${definition.name.value}.${field.name.value}`
      const ofField = deprecationOf(field)
      if (ofField) found.push({ coordinate, ...ofField })
      for (const argument of field.arguments ?? []) {
        const ofArgument = deprecationOf(argument)
        if (ofArgument) found.push({ coordinate: `${coordinate}(${argument.name.value}:)`, ...ofArgument })
      }
    }
  }
  return found.toSorted((a, b) => ((a.sunset ?? '9999') < (b.sunset ?? '9999') ? -1 : 1)).slice(0, mostDeprecations)
}
