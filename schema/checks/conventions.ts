import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type NameNode,
  type TypeNode,
} from 'graphql'
import type { SchemaProblem } from '../../kit/schema-workshop.ts'
import { sunsetProblems } from '../../kit/sunset.ts'
import { placeOfNode } from './locate.ts'

type Report = (rule: string, node: NameNode, told: { coordinate: string; message: string; hint: string }) => void

/** What the house asks of names, pages and mutations, so that the graph reads as one; nothing breaks without it. */
export function conventionProblems(document: DocumentNode, subgraph: string): SchemaProblem[] {
  const problems: SchemaProblem[] = []
  const report: Report = (rule, node, { coordinate, message, hint }) => {
    problems.push({
      severity: 'WARNING',
      rule,
      message: `${coordinate} ${message}`,
      subgraph,
      coordinate,
      ...placeOfNode(node),
      hint,
      query: null,
    })
  }
  for (const definition of document.definitions) {
    switch (definition.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_EXTENSION:
        typeName(definition.name, report)
        for (const field of definition.fields ?? []) checkField(definition.name.value, field, report)
        if (definition.name.value === 'Mutation') checkMutations(definition, document, report)
        break
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
        typeName(definition.name, report)
        if (!definition.name.value.endsWith('Input')) {
          const coordinate = definition.name.value
          report('NAMING', definition.name, {
            coordinate,
            message: 'is an input and is not named so.',
            hint: `Name it ${coordinate}Input.`,
          })
        }
        for (const field of definition.fields ?? []) lowerCamel(definition.name.value, field.name, report)
        break
      case Kind.ENUM_TYPE_DEFINITION:
        typeName(definition.name, report)
        for (const { name } of definition.values ?? []) enumValue(definition.name.value, name, report)
        break
      case Kind.UNION_TYPE_DEFINITION:
      case Kind.SCALAR_TYPE_DEFINITION:
        typeName(definition.name, report)
        break
      default:
    }
  }
  return problems
}

function typeName(node: NameNode, report: Report): void {
  const { value } = node
  // Federation's own and those of a composed feature (`feature__Name`) follow other rules.
  if (value.includes('__') || /^[A-Z][A-Za-z\d]*$/.test(value)) return
  const camel = upperFirst(value.replaceAll(/_+([a-zA-Z\d])/g, (_, letter: string) => letter.toUpperCase()))
  report('NAMING', node, { coordinate: value, message: 'is a type and not in PascalCase.', hint: `Name it ${camel}.` })
}

function lowerCamel(parent: string, node: NameNode, report: Report): void {
  if (/^_?[a-z][A-Za-z\d]*$/.test(node.value)) return
  const camel = node.value.replaceAll(/_+([a-zA-Z\d])/g, (_, letter: string) => letter.toUpperCase())
  const hint = `Name it ${camel.charAt(0).toLowerCase()}${camel.slice(1)}.`
  report('NAMING', node, { coordinate: `${parent}.${node.value}`, message: 'is not in camelCase.', hint })
}

function enumValue(parent: string, node: NameNode, report: Report): void {
  if (/^[A-Z][A-Z\d_]*$/.test(node.value)) return
  const hint = `Name it ${node.value.replaceAll(/([a-z\d])([A-Z])/g, '$1_$2').toUpperCase()}.`
  report('NAMING', node, { coordinate: `${parent}.${node.value}`, message: 'is not in UPPER_CASE.', hint })
}

function checkField(parent: string, field: FieldDefinitionNode, report: Report): void {
  lowerCamel(parent, field.name, report)
  const coordinate = `${parent}.${field.name.value}`
  for (const { name } of field.arguments ?? []) lowerCamel(coordinate, name, report)
  const args = new Set(field.arguments?.map(({ name }) => name.value))
  const answersPage = namedType(field.type).endsWith('Connection')
  if (answersPage && !(args.has('first') && args.has('after'))) {
    report('PAGING', field.name, {
      coordinate,
      message: 'answers pages and cannot be paged.',
      hint: 'Give it the arguments `first: Int = 25` and `after: String`.',
    })
  }
  if (!answersPage && (args.has('limit') || args.has('offset') || args.has('page'))) {
    report('PAGING', field.name, {
      coordinate,
      message: 'has paging of its own kind.',
      hint: 'Answer a Relay connection, with the arguments `first` and `after`.',
    })
  }
  const reason = field.directives?.find(({ name }) => name.value === 'deprecated')
  if (reason && !hasReason(reason)) {
    report('DEPRECATION', field.name, {
      coordinate,
      message: 'is deprecated without a reason.',
      hint: 'Say what to use instead: @deprecated(reason: "Use … instead.").',
    })
  }
  const members = [
    { element: field, at: coordinate },
    ...(field.arguments ?? []).map((element) => ({ element, at: `${coordinate}(${element.name.value}:)` })),
  ]
  for (const { element, at } of members) {
    for (const message of sunsetProblems(element)) {
      const hint = 'Gateways take what is malformed for not said; docs/deprecation.md has the forms.'
      report('DEPRECATION', element.name, { coordinate: at, message, hint })
    }
  }
}

function checkMutations(
  { fields = [] }: { readonly fields?: readonly FieldDefinitionNode[] | undefined },
  document: DocumentNode,
  report: Report,
): void {
  const types = new Map(
    document.definitions.flatMap((one) => (one.kind === Kind.OBJECT_TYPE_DEFINITION ? [[one.name.value, one]] : [])),
  )
  for (const field of fields) {
    const payload = types.get(namedType(field.type))
    if (payload?.fields?.some(({ name }) => name.value === 'userErrors')) continue
    report('ERRORS', field.name, {
      coordinate: `Mutation.${field.name.value}`,
      message: 'cannot say why it did nothing.',
      hint: `Answer a ${upperFirst(field.name.value)}Payload with \`userErrors: [UserError!]!\`.`,
    })
  }
}

function hasReason({ arguments: args = [] }: ConstDirectiveNode): boolean {
  return args.some(({ name, value }) => name.value === 'reason' && value.kind === Kind.STRING && value.value !== '')
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type)
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
