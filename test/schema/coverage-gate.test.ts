import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  type ConstDirectiveNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  defaultFieldResolver,
  parse,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { readDirectives } from '../../kit/access-rule.ts'
import { referenceResolverOf } from '../../kit/shield/guard-tenancy.ts'
import { tenancyOf } from '../../kit/shield/tenancy.ts'
import { findGuardProblems, findSchemaProblems, findSdlProblems } from '../../schema/checks/find-schema-problems.ts'
import { ownerFieldsOf } from '../../schema/checks/owner-fields.ts'
import { objectTypes } from '../../schema/checks/unguarded.ts'
import { subgraphs } from '../../subgraphs/registry.ts'

interface Described {
  astNode?: { readonly directives?: readonly ConstDirectiveNode[] } | null | undefined
}

/** Runs `look` while elements are without some of their directives. */
function without<Result>(elements: readonly Described[], names: readonly string[], look: () => Result): Result {
  const kept = elements.map(({ astNode }) => astNode)
  for (const element of elements) {
    const directives = (element.astNode?.directives ?? []).filter(({ name }) => !names.includes(name.value))
    element.astNode = { ...element.astNode, directives }
  }
  try {
    return look()
  } finally {
    for (const [index, element] of elements.entries()) element.astNode = kept[index]
  }
}

const has = ({ astNode }: Described, name: string): boolean =>
  readDirectives(astNode?.directives).some((directive) => directive.name === name)
const rules = ['authenticated', 'requiresScopes']

const fieldsOf = (schema: GraphQLSchema) =>
  objectTypes(schema).flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))

it('finds nothing wrong with the schema as it is', async () => {
  expect(await findSchemaProblems()).toEqual([])
})

describe.each(subgraphs.map((subgraph) => [subgraph.name, subgraph] as const))(
  'the coverage gate names, in %s,',
  (name, subgraph) => {
    const sdl = (): GraphQLSchema => buildSubgraphSchema(parse(subgraph.sdl))
    it('each root field that loses its rule, and the fields of each type that does', () => {
      const schema = sdl()
      const roots = fieldsOf(schema).filter(
        ({ type, field }) => ['Query', 'Mutation', 'Subscription'].includes(type.name) && !field.name.startsWith('_'),
      )
      const problemsWithout = (elements: readonly Described[]) =>
        without(elements, rules, () => findSdlProblems(name, subgraph.sdl, schema))
      const problemOf = ({ type, field }: (typeof roots)[number]) =>
        `${name}: ${type.name}.${field.name} has no access rule: add @authenticated or @requiresScopes.`
      expect(problemsWithout(roots.map(({ field }) => field))).toEqual(roots.map(problemOf))
      for (const one of roots.slice(0, 1)) expect(problemsWithout([one.field])).toEqual([problemOf(one)])
      const types = objectTypes(schema).filter((each) => rules.some((rule) => has(each, rule)))
      const found = problemsWithout(types).join('\n')
      for (const type of types) expect(found).toContain(`${name}: ${type.name}.`)
    })

    it('each list that loses its bound', () => {
      const schema = sdl()
      const bounded = fieldsOf(schema).filter(({ field }) => has(field, 'listSize'))
      expect(bounded.length).toBeGreaterThan(0)
      const lists = bounded.map(({ field }) => field)
      const found = without(lists, ['listSize'], () => findSdlProblems(name, subgraph.sdl, schema)).join('\n')
      for (const { type, field } of bounded) expect(found).toContain(`${type.name}.${field.name} `)
    })

    it('each resolver and each subscribe phase that loses its guard', async () => {
      const schema = subgraph.guardedSchema()
      const owners = await ownerFieldsOf(subgraph)
      expect(findGuardProblems(name, schema, owners)).toEqual([])
      const guarded = fieldsOf(schema)
        .filter(({ field }) => !field.name.startsWith('_'))
        .flatMap(({ type, field }) =>
          (['resolve', 'subscribe'] as const)
            .filter((phase) => field[phase])
            .map((phase) => ({
              field,
              phase,
              problem: `${name}: ${type.name}.${field.name}${phase === 'subscribe' ? ' (subscribe)' : ''} has a rule that nothing enforces`,
            })),
        )
      for (const { field, phase } of guarded) field[phase] = defaultFieldResolver
      const found = findGuardProblems(name, schema, owners).join('\n')
      for (const { problem } of guarded) expect(found).toContain(problem)
    })

    it('each type that loses its mark or says that partners’ data is the platform’s, and each path to it without a look', async () => {
      const schema = subgraph.guardedSchema()
      const owners = await ownerFieldsOf(subgraph)
      const partners = objectTypes(schema).filter((type) => tenancyOf(type)?.kind === 'partner')
      for (const type of partners) {
        const extensions = type.extensionASTNodes
        const bare = (): string => {
          type.extensionASTNodes = extensions.map((node) => ({
            ...node,
            directives: (node.directives ?? []).filter((directive) => directive.name.value !== 'tenancy'),
          }))
          const found = without([type as Described], ['tenancy'], () =>
            findGuardProblems(name, schema, owners).join('\n'),
          )
          type.extensionASTNodes = extensions
          return found
        }
        if (owners.has(type.name) || has(type as Described, 'key')) {
          expect(bare()).toContain(`${name}: ${type.name} does not say whose data it holds`)
        }
        if (owners.get(type.name)?.length) {
          expect(lyingAbout(type, () => findGuardProblems(name, schema, owners).join('\n'))).toContain(
            `${name}: ${type.name} is partner-owned by`,
          )
        }
        const resolver = referenceResolverOf(type)
        if (resolver) {
          const kept = type.extensions
          type.extensions = { apollo: { subgraph: { resolveReference: () => null } } }
          expect(findGuardProblems(name, schema, owners)).toEqual([
            `${name}: ${type.name} is resolved by _entities without a look at whose it is.`,
          ])
          type.extensions = kept
        }
      }
    })
  },
)

/** Runs `look` while a type is marked as the platform's. */
function lyingAbout<Result>(type: GraphQLObjectType, look: () => Result): Result {
  const [kept, extensions] = [type.astNode, type.extensionASTNodes]
  const lie = parse('type T @tenancy(platform: true) { f: Int }').definitions[0]
  if (lie?.kind !== Kind.OBJECT_TYPE_DEFINITION) throw new Error('the lie is no type')
  type.astNode = { ...lie, directives: [...(lie.directives ?? []), ...keyOf(type)] }
  type.extensionASTNodes = []
  try {
    return look()
  } finally {
    type.astNode = kept
    type.extensionASTNodes = extensions
  }
}

function keyOf({ astNode, extensionASTNodes }: GraphQLObjectType): ConstDirectiveNode[] {
  return [astNode, ...extensionASTNodes].flatMap((node) =>
    (node?.directives ?? []).filter(({ name }) => name.value === 'key'),
  )
}
