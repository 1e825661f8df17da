import { type GraphQLSchema, buildASTSchema, parse } from 'graphql'
import { createApolloPlanner } from '../../gateway/plan/apollo-planner.ts'
import { buildApolloPlanner } from '../../gateway/plan/build-apollo-planner.ts'
import { type WantedPlanner, chooseRust, refuseFaults } from '../../gateway/plan/choose-rust.ts'
import { withDeferDirective } from '../../gateway/plan/defer-directive.ts'
import { type SupergraphSnapshot, createSnapshot } from '../../gateway/plan/supergraph-snapshot.ts'
import type { GraphTexts } from '../../kit/schema-workshop.ts'

/** Which planner plans is told by gateways when they start. */
const quiet = { info: () => undefined, warn: () => undefined }

/** A graph as a gateway would serve it, with the planner that it would choose. Throws as it does. */
export function openGraph({ supergraphSdl, apiSdl }: GraphTexts, wanted: WantedPlanner): SupergraphSnapshot {
  const chosen = chooseRust(wanted, quiet)(supergraphSdl) ?? createApolloPlanner(buildApolloPlanner(supergraphSdl))
  const planner = refuseFaults(supergraphSdl, chosen)
  return createSnapshot({ supergraphSdl, apiSchema: apiSchemaOf(apiSdl), planner })
}

/** The same as a contract or version shows it. */
export function narrowGraph(whole: SupergraphSnapshot, edition: string, sdl: string): SupergraphSnapshot {
  return { ...whole, edition, apiSchema: apiSchemaOf(sdl) }
}

function apiSchemaOf(sdl: string): GraphQLSchema {
  const valid = { assumeValid: true, assumeValidSDL: true }
  return withDeferDirective(buildASTSchema(parse(sdl, { noLocation: true }), valid))
}
