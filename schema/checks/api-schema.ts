import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import { type GraphQLSchema, buildASTSchema, parse } from 'graphql'

/** The schema of a text that is known to be one. */
export function schemaOf(sdl: string): GraphQLSchema {
  return buildASTSchema(parse(sdl, { noLocation: true }), { assumeValid: true, assumeValidSDL: true })
}

/** What clients see of a supergraph; throws where it is none. */
export function apiOf(supergraphSdl: string): GraphQLSchema {
  const supergraph = Supergraph.build(supergraphSdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES })
  return supergraph.apiSchema().toGraphQLJSSchema()
}
