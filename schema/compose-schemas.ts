import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import { printSchema } from 'graphql'
import { composeSupergraph } from '../subgraphs/compose.ts'
import { subgraphs } from '../subgraphs/registry.ts'
import { fingerprintLine } from '../subgraphs/shipped-supergraph.ts'

/** The committed outputs of composition by file name, as they should be now. */
export function composeSchemas(): Readonly<Record<'supergraph.graphql' | 'api.graphql', string>> {
  const services = subgraphs.map(({ name, port, sdl }) => ({ name, sdl, url: `http://localhost:${port}/graphql` }))
  const { supergraphSdl } = composeSupergraph(services)
  const supergraph = Supergraph.build(supergraphSdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES })
  return {
    'supergraph.graphql': `${fingerprintLine(services)}\n${supergraphSdl.trim()}\n`,
    'api.graphql': `${printSchema(supergraph.apiSchema().toGraphQLJSSchema()).trim()}\n`,
  }
}
