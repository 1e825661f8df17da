import {
  type ArgumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  GraphQLString,
  Kind,
  type OperationDefinitionNode,
  getNamedType,
  isInterfaceType,
  isListType,
  isNullableType,
  getNullableType,
  isObjectType,
  print,
  valueFromAST,
  visit,
} from 'graphql'
import type { Variables } from '../request.ts'

/** A subscription as the gateway asks a subgraph for it, for all readers that are told the same. */
export interface StreamedOperation {
  /** Without the reader's own `after` and `mode`, and with the fields that the gateway needs to know for itself. */
  readonly operation: OperationDefinitionNode
  /** The same text for all subscriptions that differ in `after` and `mode` only. */
  readonly text: string
  /** The variables that it still uses. */
  readonly variables: readonly string[]
  /** The variable that takes the cursor to go on after; null where the field takes none. */
  readonly afterVariable: string | null
  /** What the reader has asked for. */
  after(variables: Variables): string | null
  mode(variables: Variables): 'EVERY' | 'LATEST'
  /** What an event says of itself, from the data that its subgraph gave. */
  cursor(data: Readonly<Record<string, unknown>>): string | null
  subject(data: Readonly<Record<string, unknown>>): string | null
}

/**
 * Prepares a subscription whose fragments are inlined. A field that takes `after` and whose events have a `cursor` can
 * be gone on with; events with a `subject` can be conflated. Null for an operation without a field.
 */
export function streamedOperation(schema: GraphQLSchema, operation: OperationDefinitionNode): StreamedOperation | null {
  const root = operation.selectionSet.selections.find((selection) => selection.kind === Kind.FIELD)
  const field = root && schema.getSubscriptionType()?.getFields()[root.name.value]
  if (!root || !field) return null
  const written = print(operation)
  const hidden = (name: string): string => {
    let alias = `tributary_${name}`
    while (written.includes(alias)) alias += '_'
    return alias
  }
  const eventFields = fieldsOfEvents(field)
  const aliases = {
    cursor: eventFields.has('cursor') ? hidden('cursor') : null,
    subject: eventFields.has('subject') ? hidden('subject') : null,
  }
  const takes = (argument: string): boolean => field.args.some(({ name }) => name === argument)
  const afterVariable = takes('after') && aliases.cursor !== null ? hidden('after') : null
  const asked = (name: string): ArgumentNode | undefined => root.arguments?.find((given) => given.name.value === name)
  const [after, mode] = [asked('after'), takes('mode') ? asked('mode') : undefined]

  const streamed = withoutUnusedVariables({
    ...operation,
    selectionSet: { ...operation.selectionSet, selections: [forAll(root, { aliases, afterVariable })] },
  })
  const responseKey = root.alias?.value ?? root.name.value
  const read = (data: Readonly<Record<string, unknown>>, alias: string | null): string | null => {
    const event = data[responseKey]
    if (alias === null || typeof event !== 'object' || event === null) return null
    const value = (event as Readonly<Record<string, unknown>>)[alias]
    return typeof value === 'string' ? value : null
  }
  const valueOf = (argument: ArgumentNode | undefined, variables: Variables): unknown => {
    if (argument === undefined) return null
    const type = field.args.find(({ name }) => name === argument.name.value)?.type ?? GraphQLString
    return valueFromAST(argument.value, type, variables)
  }
  return {
    operation:
      afterVariable === null
        ? streamed
        : {
            ...streamed,
            variableDefinitions: [...(streamed.variableDefinitions ?? []), cursorVariable(afterVariable)],
          },
    text: print(streamed),
    variables: (streamed.variableDefinitions ?? []).map(({ variable }) => variable.name.value),
    afterVariable,
    after(variables) {
      const value = afterVariable === null ? null : valueOf(after, variables)
      return typeof value === 'string' ? value : null
    },
    mode: (variables) => (valueOf(mode, variables) === 'LATEST' ? 'LATEST' : 'EVERY'),
    cursor: (data) => read(data, aliases.cursor),
    subject: (data) => read(data, aliases.subject),
  }
}

/** The names of an event's fields that can be asked for without arguments. */
function fieldsOfEvents(field: GraphQLField<unknown, unknown>): ReadonlySet<string> {
  const type = getNamedType(field.type)
  if (isListType(getNullableType(field.type)) || !(isObjectType(type) || isInterfaceType(type))) return new Set()
  const fields = Object.values(type.getFields())
  return new Set(fields.filter(({ args }) => args.every((arg) => isNullableType(arg.type))).map(({ name }) => name))
}

function forAll(
  root: FieldNode,
  {
    aliases,
    afterVariable,
  }: {
    readonly aliases: Readonly<Record<'cursor' | 'subject', string | null>>
    readonly afterVariable: string | null
  },
): FieldNode {
  const own = new Set(['after', 'mode'])
  const hidden = (['cursor', 'subject'] as const).flatMap((name): FieldNode[] => {
    const alias = aliases[name]
    if (alias === null) return []
    return [{ kind: Kind.FIELD, alias: { kind: Kind.NAME, value: alias }, name: { kind: Kind.NAME, value: name } }]
  })
  const kept = (root.arguments ?? []).filter(({ name }) => afterVariable === null || !own.has(name.value))
  const { selectionSet } = root
  return {
    ...root,
    arguments: afterVariable === null ? kept : [...kept, cursorArgument(afterVariable)],
    ...(selectionSet ? { selectionSet: { ...selectionSet, selections: [...selectionSet.selections, ...hidden] } } : {}),
  }
}

function cursorArgument(variable: string): ArgumentNode {
  return {
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: 'after' },
    value: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: variable } },
  }
}

function cursorVariable(variable: string): NonNullable<OperationDefinitionNode['variableDefinitions']>[number] {
  return {
    kind: Kind.VARIABLE_DEFINITION,
    variable: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: variable } },
    type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: 'String' } },
  }
}

function withoutUnusedVariables(operation: OperationDefinitionNode): OperationDefinitionNode {
  const used = new Set<string>()
  visit(operation.selectionSet, { Variable: ({ name }) => void used.add(name.value) })
  const variableDefinitions = (operation.variableDefinitions ?? []).filter(({ variable }) =>
    used.has(variable.name.value),
  )
  return { ...operation, variableDefinitions }
}
