import { buildSubgraphSchema } from '@apollo/subgraph'
import { type DocumentNode, Kind, type StringValueNode, visit } from 'graphql'
import { readDirectives } from '../../kit/access-rule.ts'
import type { SchemaProblem } from '../../kit/schema-workshop.ts'
import { eventTypeProblems } from './declared-event-types.ts'
import { scopeProblems } from './declared-scopes.ts'
import { beginning, placeOf, placeOfNode } from './locate.ts'
import { findLooseLists } from './loose-lists.ts'
import { findMisplacedRules } from './misplaced-rules.ts'
import { findOpenFields } from './open-fields.ts'
import { findUnboundedLists } from './unbounded-lists.ts'
import { objectTypes } from './unguarded.ts'
import { findUndescribed } from './undescribed.ts'
import { findUnknownScopes } from './unknown-scopes.ts'

type Found = Pick<SchemaProblem, 'severity' | 'rule' | 'coordinate' | 'message' | 'hint'>

const error = (rule: string, coordinate: string, message: string, hint: string): Found => ({
  severity: 'ERROR',
  rule,
  coordinate,
  message: `${coordinate} ${message}`,
  hint,
})

/**
 * Policy, cost and tenancy of a subgraph that runs elsewhere: what `npm run schema:check` asks of ours, as far as SDL
 * tells it. Its guards are its own affair, and the gateway's filter stands before them.
 */
export function coverageProblems(
  document: DocumentNode,
  { subgraph, declared }: { readonly subgraph: string; readonly declared: ReadonlySet<string> },
): SchemaProblem[] {
  const schema = buildSubgraphSchema(document)
  const access = 'Add @authenticated, or @requiresScopes(scopes: [["…"]]), to the field or its type.'
  const size = 'Add @listSize(assumedSize: 25), or slicingArguments: ["first"] for pages.'
  const found: Found[] = [
    ...findOpenFields(schema).map((at) => error('POLICY', at, 'has no access rule.', access)),
    ...findMisplacedRules(document).map((at) =>
      error('POLICY', at, 'has an access rule where none is enforced.', 'Put the rule on the fields of object types.'),
    ),
    ...findUnboundedLists(schema).map((at) => error('COST', at, 'is a list without a bound.', size)),
    ...findLooseLists(schema).map((line): Found => {
      const [coordinate = null] = line.split(' ')
      return { severity: 'ERROR', rule: 'COST', coordinate, message: line, hint: size }
    }),
    ...findUndescribed(document).map((at): Found => ({
      severity: 'WARNING',
      rule: 'DESCRIPTION',
      coordinate: at,
      message: `${at} has no description.`,
      hint: 'Say in a sentence what it is: descriptions are the documentation of the API.',
    })),
    ...objectTypes(schema)
      .filter((type) => {
        const marks = [type.astNode, ...type.extensionASTNodes].flatMap((node) => readDirectives(node?.directives))
        const owned = marks.some(({ name, arguments: { resolvable } }) => name === 'key' && resolvable !== false)
        return owned && !marks.some(({ name }) => name === 'tenancy')
      })
      .map(({ name }): Found => ({
        severity: 'WARNING',
        rule: 'TENANCY',
        coordinate: name,
        message: `${name} does not say whose data it holds.`,
        hint: 'Add @tenancy, and narrow what _entities and lists answer to the organization of the caller.',
      })),
  ]
  return [
    ...found.map((one) => ({ ...one, subgraph, query: null, ...placeOf(document, one.coordinate) })),
    ...scopeProblems(document, subgraph),
    ...unknownScopeProblems(document, { subgraph, declared }),
    ...eventTypeProblems(document, { subgraph, declared }),
  ]
}

/** Scopes that a subgraph asks for and no app could hold. */
export function unknownScopeProblems(
  document: DocumentNode,
  { subgraph, declared }: { readonly subgraph: string; readonly declared: ReadonlySet<string> },
): SchemaProblem[] {
  return findUnknownScopes(document, declared).map((scope) => ({
    severity: 'ERROR',
    rule: 'POLICY',
    coordinate: null,
    message: `No app can hold the scope ${scope}.`,
    hint: `Ask for one of the scopes of the graph, which README lists, or declare one of your own: extend schema @scope(name: "${subgraph}:read", description: "…").`,
    subgraph,
    query: null,
    ...placeOfText(document, scope),
  }))
}

function placeOfText(document: DocumentNode, text: string) {
  let found: StringValueNode | undefined
  visit(document, {
    [Kind.STRING]: (node) => {
      if (node.value === text) found ??= node
    },
  })
  return found ? placeOfNode(found) : beginning
}
