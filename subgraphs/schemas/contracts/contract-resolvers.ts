import { type ContractRule, type DatedVersion, stateOfVersion } from '../../../kit/contracts.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { SchemasContext } from '../schemas-context.ts'
import type { GraphEnvironment } from '../subgraph-versions.ts'
import { type AskedUse, usersWithin } from '../who-uses.ts'

interface Asked {
  readonly environment: GraphEnvironment
  readonly usageDays: number
}

export const contractResolvers: Resolvers<SchemasContext> = {
  Query: {
    async schemaContracts(_: unknown, { environment, usageDays }: Asked, context: SchemasContext) {
      const { models, now } = context
      const office = models.office()
      const current = await models.supergraphs.current(environment)
      // One composition for all of them, and none where nobody wants to read them.
      const sdlOf = async (name: string): Promise<string | null> => {
        const { sdls } = await office.editionsOf(current?.sdl ?? office.shippedSupergraph())
        return sdls.get(name) ?? null
      }
      const { contracts, versions } = office.contracts
      const names = [...contracts.map(({ name }) => name), ...versions.map(({ version }) => version)]
      const usersOf = usersWithin(context, { uses: names.map(onPath), usageDays })
      return contracts.map(({ include, exclude, excludeScopes, ...contract }: ContractRule) => ({
        ...contract,
        includedTags: include,
        excludedTags: exclude,
        excludedScopes: excludeScopes,
        sdl: () => sdlOf(contract.name),
        users: () => usersOf(onPath(contract.name)),
        versions: versions
          .filter((version) => version.contract === contract.name)
          .map(({ sdl: _promised, ...version }: DatedVersion) => ({
            ...version,
            state: stateOfVersion(version, now()),
            sdl: () => sdlOf(version.version),
            users: () => usersOf(onPath(version.version)),
          })),
      }))
    },
  },
}

/** Whatever was asked on the path of one. */
function onPath(name: string): AskedUse {
  return { coordinate: null, paths: [name] }
}
