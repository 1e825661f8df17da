import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import { printSchema } from 'graphql'
import { isWhole, stateOfVersion } from '../kit/contracts.ts'
import { composeSupergraph } from '../subgraphs/compose.ts'
import { readContracts } from '../subgraphs/read-contracts.ts'
import { subgraphs } from '../subgraphs/registry.ts'
import { fingerprintLine } from '../subgraphs/shipped-supergraph.ts'
import { editionTexts } from './contracts/edition-texts.ts'

/** The committed outputs of composition by file name, as they should be now, and what contracts lack. */
export async function composeSchemas(): Promise<{
  readonly files: Readonly<Record<string, string>>
  readonly problems: readonly string[]
}> {
  const services = subgraphs.map(({ name, port, sdl }) => ({ name, sdl, url: `http://localhost:${port}/graphql` }))
  const { supergraphSdl } = composeSupergraph(services)
  const supergraph = Supergraph.build(supergraphSdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES })
  const { contracts: declared, versions } = readContracts()
  const contracts = declared.filter((rule) => !isWhole(rule))
  // What a version promised is over with its window.
  const promised = versions.filter((version) => stateOfVersion(version, new Date()) !== 'RETIRED')
  const { sdls, problems } = await editionTexts(supergraphSdl, { contracts, versions: promised })
  const ofContracts = contracts.map(({ name }) => [`contracts/${name}.graphql`, sdls.get(name) ?? ''] as const)
  return {
    files: {
      'supergraph.graphql': `${fingerprintLine(services)}\n${supergraphSdl.trim()}\n`,
      'api.graphql': `${printSchema(supergraph.apiSchema().toGraphQLJSSchema()).trim()}\n`,
      ...Object.fromEntries(ofContracts),
    },
    problems,
  }
}
