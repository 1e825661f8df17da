import { buildSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLSchema, parse } from 'graphql'
import { type RegisteredSubgraph, subgraphs } from '../../subgraphs/registry.ts'
import { findLooseLists } from './loose-lists.ts'
import { findMisdatedSunsets } from './misdated-sunsets.ts'
import { findMisplacedRules } from './misplaced-rules.ts'
import { findOpenFields } from './open-fields.ts'
import { ownerFieldsOf } from './owner-fields.ts'
import { findUnboundedLists } from './unbounded-lists.ts'
import { findUndescribed } from './undescribed.ts'
import { findUnshielded } from './unguarded.ts'
import { findUnknownScopes } from './unknown-scopes.ts'
import { type OwnerFields, findUntenanted } from './untenanted.ts'

/** What is wrong with the SDL of a subgraph, one line per coordinate; its schema may be built anew for it. */
export function findSdlProblems(name: string, sdl: string, schema = buildSubgraphSchema(parse(sdl))): string[] {
  const document = parse(sdl)
  return [
    ...findOpenFields(schema).map((at) => `${at} has no access rule: add @authenticated or @requiresScopes.`),
    ...findMisplacedRules(document).map((at) => `${at} has an access rule where none is enforced: put it on fields.`),
    ...findUnknownScopes(document).map((scope) => `scope ${scope} is not in schema/scopes.ts.`),
    ...findUndescribed(document).map((at) => `${at} has no description.`),
    ...findUnboundedLists(schema).map((at) => `${at} is a list without a bound: add @listSize.`),
    ...findLooseLists(schema),
    ...findMisdatedSunsets(document),
  ].map((problem) => `${name}: ${problem}`)
}

/** What is wrong with the schema that a subgraph runs: rules and marks that nothing enforces. */
export function findGuardProblems(name: string, schema: GraphQLSchema, owners: OwnerFields): string[] {
  return [
    ...findUnshielded(schema).map((at) => `${at} has a rule that nothing enforces: its resolver is not guarded.`),
    ...findUntenanted(schema, owners),
  ].map((problem) => `${name}: ${problem}`)
}

/** The same for all registered subgraphs. */
export async function findSchemaProblems(registered: readonly RegisteredSubgraph[] = subgraphs): Promise<string[]> {
  const problems: string[] = []
  for (const subgraph of registered) {
    problems.push(
      ...findSdlProblems(subgraph.name, subgraph.sdl),
      ...findGuardProblems(subgraph.name, subgraph.guardedSchema(), await ownerFieldsOf(subgraph)),
    )
  }
  return problems
}
