import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { subgraphs } from '../../subgraphs/registry.ts'
import { findOpenFields } from './open-fields.ts'
import { findUnboundedLists } from './unbounded-lists.ts'
import { findUndescribed } from './undescribed.ts'
import { findUnknownScopes } from './unknown-scopes.ts'

/** What is wrong with the SDL of a subgraph, one line per coordinate. */
export function findSubgraphProblems(name: string, sdl: string): string[] {
  const document = parse(sdl)
  const schema = buildSubgraphSchema(document)
  return [
    ...findOpenFields(schema).map((at) => `${at} has no access rule: add @authenticated or @requiresScopes.`),
    ...findUnknownScopes(document).map((scope) => `scope ${scope} is not in schema/scopes.ts.`),
    ...findUndescribed(document).map((at) => `${at} has no description.`),
    ...findUnboundedLists(schema).map((at) => `${at} is a list without a bound: add @listSize.`),
  ].map((problem) => `${name}: ${problem}`)
}

/** The same for all registered subgraphs. */
export function findSchemaProblems(): string[] {
  return subgraphs.flatMap(({ name, sdl }) => findSubgraphProblems(name, sdl))
}
