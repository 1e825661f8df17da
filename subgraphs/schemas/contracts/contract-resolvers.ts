import { type ContractRule, type DatedVersion, stateOfVersion } from '../../../kit/contracts.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { SchemasContext } from '../schemas-context.ts'
import type { GraphEnvironment } from '../subgraph-versions.ts'

export const contractResolvers: Resolvers<SchemasContext> = {
  Query: {
    async schemaContracts(
      _: unknown,
      { environment }: { readonly environment: GraphEnvironment },
      { models, now }: SchemasContext,
    ) {
      const office = models.office()
      const current = await models.supergraphs.current(environment)
      // One composition for all of them, and none where nobody wants to read them.
      const sdlOf = async (name: string): Promise<string | null> => {
        const { sdls } = await office.editionsOf(current?.sdl ?? office.shippedSupergraph())
        return sdls.get(name) ?? null
      }
      const { contracts, versions } = office.contracts
      return contracts.map(({ include, exclude, excludeScopes, ...contract }: ContractRule) => ({
        ...contract,
        includedTags: include,
        excludedTags: exclude,
        excludedScopes: excludeScopes,
        sdl: () => sdlOf(contract.name),
        versions: versions
          .filter((version) => version.contract === contract.name)
          .map(({ sdl: _promised, ...version }: DatedVersion) => ({
            ...version,
            state: stateOfVersion(version, now()),
            sdl: () => sdlOf(version.version),
          })),
      }))
    },
  },
}
