import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph, errorCauses } from '@apollo/federation-internals'
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  GraphQLError,
  Kind,
  type TypeDefinitionNode,
  type TypeNode,
  buildASTSchema,
  isTypeDefinitionNode,
  parse,
  print,
  printSchema,
  visit,
} from 'graphql'
import type { ContractRule } from '../../kit/contracts.ts'
import { visibleDefinitions } from '../../kit/visible-definitions.ts'
import { type Taggable, createScopeFilter, isExcluded, isInaccessible, isIncluded } from './excluded.ts'

/** What is wrong with a contract of a supergraph. */
export interface ContractFault {
  readonly message: string
  /** For example `Loyalty.points`; null for the contract as a whole. */
  readonly coordinate: string | null
}

/** A contract's schema as clients see it, or why there is none. */
export type ContractOutcome = { readonly sdl: string } | { readonly faults: readonly ContractFault[] }

/**
 * The schema of a contract: what is not for its audience is marked `@inaccessible` in the supergraph, and federation's
 * own rules say whether what is left is a schema: a required argument or input field cannot go, an interface keeps what
 * it promises, no type may be left empty. What nothing leads to any more goes without a word.
 */
export function contractSdl(supergraphSdl: string, rule: ContractRule): ContractOutcome {
  const supergraph = parse(supergraphSdl, { noLocation: true })
  const isAsked = createFieldFilter(supergraph, rule)
  const emptied = emptiedTypes(supergraph, rule, isAsked)
  if (emptied.length > 0) return { faults: emptied }
  const marked = markInaccessible(supergraph, rule, isAsked)
  try {
    const built = Supergraph.build(marked, {
      supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
      validateSupergraph: false,
    })
    const { definitions } = parse(printSchema(built.apiSchema().toGraphQLJSSchema()), { noLocation: true })
    const left = visibleDefinitions(definitions, () => true)
    return { sdl: `${print({ kind: Kind.DOCUMENT, definitions: left }).trim()}\n` }
  } catch (error) {
    return { faults: faultsOf(error) }
  }
}

type FieldFilter = (typeName: string, field: string) => boolean

/** Which fields of objects and interfaces are in the contract, as far as each says so itself. */
function createFieldFilter(supergraph: DocumentNode, rule: ContractRule): FieldFilter {
  const types = typesOf(supergraph)
  const schema = buildASTSchema(supergraph, { assumeValid: true, assumeValidSDL: true })
  const isBeyondScopes = createScopeFilter(schema, rule)
  const gone = (name: string): boolean => {
    const type = types.get(name)
    if (type === undefined) return false
    if (isInaccessible(type) || isExcluded(rule, type)) return true
    return type.kind === Kind.UNION_TYPE_DEFINITION && !isIncluded(rule, type)
  }
  return (typeName, fieldName) => {
    const type = types.get(typeName)
    const field = type && 'fields' in type ? type.fields?.find(({ name }) => name.value === fieldName) : undefined
    if (type === undefined || field === undefined || field.kind !== Kind.FIELD_DEFINITION) return false
    if (gone(typeName) || gone(namedType(field.type)) || isInaccessible(field) || isExcluded(rule, field)) return false
    return isIncluded(rule, field, type) && !isBeyondScopes(typeName, fieldName)
  }
}

/** Types of which every field has an excluding tag, though the contract leads to them: nobody has meant that. */
function emptiedTypes(supergraph: DocumentNode, rule: ContractRule, isAsked: FieldFilter): ContractFault[] {
  if (rule.exclude.length === 0) return []
  const types = typesOf(supergraph)
  const isEmptied = (name: string): boolean => {
    const type = types.get(name)
    if (type?.kind !== Kind.OBJECT_TYPE_DEFINITION && type?.kind !== Kind.INTERFACE_TYPE_DEFINITION) return false
    const fields = (type.fields ?? []).filter((field) => !isInaccessible(field))
    return !isInaccessible(type) && fields.length > 0 && fields.every((field) => isExcluded(rule, field))
  }
  const reached = visibleDefinitions(supergraph.definitions, isAsked).filter(isTypeDefinitionNode)
  return reached.flatMap(({ name: { value: typeName } }) =>
    fieldsOf(types.get(typeName)).flatMap((field): ContractFault[] => {
      const named = namedType(field.type)
      if (!isAsked(typeName, field.name.value) || !isEmptied(named)) return []
      const message = `${typeName}.${field.name.value} answers ${named}, of which no field is left: every one has an excluding tag. Tag the type, or the field that answers it.`
      return [{ message, coordinate: named }]
    }),
  )
}

const inaccessible: ConstDirectiveNode = {
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: 'inaccessible' },
  arguments: [],
}

function hidden<Node extends Taggable>(node: Node): Node {
  return isInaccessible(node) ? node : { ...node, directives: [...(node.directives ?? []), inaccessible] }
}

function markInaccessible(supergraph: DocumentNode, rule: ContractRule, isAsked: FieldFilter): DocumentNode {
  const left = new Map(
    visibleDefinitions(supergraph.definitions, isAsked)
      .filter(isTypeDefinitionNode)
      .map((type) => [type.name.value, type]),
  )
  const types = typesOf(supergraph)
  const isGone = (name: string): boolean => {
    const type = types.get(name)
    return type !== undefined && (!left.has(name) || isInaccessible(type) || isExcluded(rule, type))
  }
  const value = <Node extends Taggable & { readonly type?: TypeNode }>(node: Node): Node =>
    isExcluded(rule, node) || (node.type && isGone(namedType(node.type))) ? hidden(node) : node

  const definitions = supergraph.definitions.map((definition): DefinitionNode => {
    if (!isTypeDefinitionNode(definition) || isOfFederation(definition.name.value)) return definition
    const name = definition.name.value
    if (isGone(name)) return hidden(definition)
    switch (definition.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_DEFINITION: {
        const kept = new Set(fieldsOf(left.get(name)).map((field) => field.name.value))
        const fields = fieldsOf(definition).map((field) =>
          kept.has(field.name.value) ? { ...field, arguments: (field.arguments ?? []).map(value) } : hidden(field),
        )
        // Only an interface has to do with a field that is not there.
        const concerned = definition.kind === Kind.INTERFACE_TYPE_DEFINITION || (definition.interfaces ?? []).length > 0
        return {
          ...definition,
          fields: concerned || kept.size === 0 ? fields : fields.filter((field) => !isInaccessible(field)),
        }
      }
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
        return { ...definition, fields: (definition.fields ?? []).map(value) }
      case Kind.ENUM_TYPE_DEFINITION:
        return { ...definition, values: (definition.values ?? []).map(value) }
      default:
        return definition
    }
  })
  return withInaccessibleLink({ ...supergraph, definitions: withoutUnreferenced(definitions) })
}

/** What is hidden and what nothing refers to is left out: federation takes a second for a large graph, most of it for these. */
function withoutUnreferenced(definitions: readonly DefinitionNode[]): DefinitionNode[] {
  const hiddenTypes = new Map(
    definitions
      .filter(isTypeDefinitionNode)
      .filter((type) => !isOfFederation(type.name.value) && isInaccessible(type))
      .map((type) => [type.name.value, type]),
  )
  const referenced = new Set<string>()
  const refer = (definition: DefinitionNode): void => {
    visit(definition, {
      NamedType({ name: { value: name } }) {
        const type = hiddenTypes.get(name)
        if (type === undefined || referenced.has(name)) return
        referenced.add(name)
        refer(type)
      },
    })
  }
  const rest = definitions.flatMap((definition): DefinitionNode[] => {
    if (definition.kind !== Kind.SCHEMA_DEFINITION) return [definition]
    const operationTypes = definition.operationTypes.filter(({ type }) => !hiddenTypes.has(type.name.value))
    return [{ ...definition, operationTypes }]
  })
  const isLeftOut = (definition: DefinitionNode): boolean =>
    isTypeDefinitionNode(definition) && hiddenTypes.has(definition.name.value)
  for (const definition of rest) if (!isLeftOut(definition)) refer(definition)
  return rest.filter((one) => !isLeftOut(one) || (isTypeDefinitionNode(one) && referenced.has(one.name.value)))
}

const inaccessibleLink = parse(
  'extend schema @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)\n' +
    'directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION',
  { noLocation: true },
)

/** A supergraph that hides nothing by itself does not know the directive. */
function withInaccessibleLink(supergraph: DocumentNode): DocumentNode {
  const isKnown = supergraph.definitions.some(
    (definition) => definition.kind === Kind.DIRECTIVE_DEFINITION && definition.name.value === 'inaccessible',
  )
  return isKnown
    ? supergraph
    : { ...supergraph, definitions: [...supergraph.definitions, ...inaccessibleLink.definitions] }
}

/** Types of the supergraph's own machinery, which no client sees and nobody may hide. */
function isOfFederation(name: string): boolean {
  return name.includes('__')
}

function typesOf({ definitions }: DocumentNode): ReadonlyMap<string, TypeDefinitionNode> {
  return new Map(definitions.filter(isTypeDefinitionNode).map((type) => [type.name.value, type]))
}

function fieldsOf(type: TypeDefinitionNode | undefined) {
  return type?.kind === Kind.OBJECT_TYPE_DEFINITION || type?.kind === Kind.INTERFACE_TYPE_DEFINITION
    ? (type.fields ?? [])
    : []
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type)
}

/** What federation finds wrong with the marks; it names what is hidden and what needs it. */
function faultsOf(error: unknown): ContractFault[] {
  const causes: readonly unknown[] = (error instanceof Error ? errorCauses(error) : undefined) ?? [error]
  return causes.map((cause) => {
    const elements: unknown = cause instanceof GraphQLError ? cause.extensions['inaccessible_elements'] : undefined
    const [coordinate] = Array.isArray(elements) ? (elements as readonly unknown[]) : []
    const message = cause instanceof Error ? cause.message : String(cause)
    return {
      // The mark is ours: its author has written a tag.
      message: message
        .replaceAll('@inaccessible', 'outside of the contract')
        .replaceAll('the API schema', 'the contract')
        .slice(0, 2_000),
      coordinate: typeof coordinate === 'string' ? coordinate : null,
    }
  })
}
