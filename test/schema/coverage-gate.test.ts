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

/** Runs `look` while an element is without some of its directives. */
function without<Result>(element: Described, names: readonly string[], look: () => Result): Result {
  const kept = element.astNode
  const directives = (kept?.directives ?? []).filter(({ name }) => !names.includes(name.value))
  element.astNode = { ...kept, directives }
  try {
    return look()
  } finally {
    element.astNode = kept
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
      const roots = ['Query', 'Mutation', 'Subscription']
      for (const { type, field } of fieldsOf(schema)) {
        if (!roots.includes(type.name) || field.name.startsWith('_')) continue
        const found = without(field, rules, () => findSdlProblems(name, subgraph.sdl, schema))
        expect(found).toEqual([
          `${name}: ${type.name}.${field.name} has no access rule: add @authenticated or @requiresScopes.`,
        ])
      }
      for (const type of objectTypes(schema).filter((each) => rules.some((rule) => has(each, rule)))) {
        const found = without(type, rules, () => findSdlProblems(name, subgraph.sdl, schema))
        expect(found.join('\n')).toContain(`${name}: ${type.name}.`)
      }
    })

    it('each list that loses its bound', () => {
      const schema = sdl()
      const bounded = fieldsOf(schema).filter(({ field }) => has(field, 'listSize'))
      expect(bounded.length).toBeGreaterThan(0)
      for (const { type, field } of bounded) {
        const found = without(field, ['listSize'], () => findSdlProblems(name, subgraph.sdl, schema))
        expect(found.join('\n'), `${type.name}.${field.name}`).toContain(`${type.name}.${field.name} `)
      }
    })

    it('each resolver and each subscribe phase that loses its guard', async () => {
      const schema = subgraph.guardedSchema()
      const owners = await ownerFieldsOf(subgraph)
      expect(findGuardProblems(name, schema, owners)).toEqual([])
      for (const { type, field } of fieldsOf(schema).filter(({ field: { name: each } }) => !each.startsWith('_'))) {
        for (const phase of ['resolve', 'subscribe'] as const) {
          const guarded = field[phase]
          if (!guarded) continue
          field[phase] = defaultFieldResolver
          const found = findGuardProblems(name, schema, owners).join('\n')
          field[phase] = guarded
          const at = `${type.name}.${field.name}${phase === 'subscribe' ? ' (subscribe)' : ''}`
          expect(found).toContain(`${name}: ${at} has a rule that nothing enforces`)
        }
      }
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
          const found = without(type as Described, ['tenancy'], () =>
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
