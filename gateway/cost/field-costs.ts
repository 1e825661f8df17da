import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  getArgumentValues,
  getNamedType,
  isCompositeType,
  isInputObjectType,
  visit,
} from 'graphql'
import { readDirectives } from '../../kit/access-rule.ts'
import type { Variables } from '../request.ts'

/** The size of a list that no `@listSize` bounds. */
export const unboundedListSize = 100

/** What one value of a field costs: its `@cost`, else its type's, else 1 for objects and 0 for scalars and enums. */
export function weightOf(field: GraphQLField<unknown, unknown>, type: GraphQLNamedType): number {
  return costDirective(field) ?? costDirective(type) ?? (isCompositeType(type) ? 1 : 0)
}

/**
 * What a field's `@listSize` says: how many items its slicing arguments ask for (else the assumed size), and which
 * fields of the returned object have that size instead of the field itself. Null without the directive.
 */
export function listSizeOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): { readonly items: (variables: Variables) => number; readonly sizedFields: readonly string[] } | null {
  const directive = readDirectives(field.astNode?.directives).find(({ name }) => name === 'listSize')?.arguments
  if (directive === undefined) return null
  const slicing = stringList(directive['slicingArguments'])
  const assumed = typeof directive['assumedSize'] === 'number' ? directive['assumedSize'] : unboundedListSize
  const items = (variables: Variables): number => {
    const values = getArgumentValues(field, node, variables)
    const sizes = slicing.map((path) => valueAt(values, path)).filter((value) => typeof value === 'number')
    // A negative page is refused by its resolver; it must not make the rest of the operation cheaper.
    return sizes.length === 0 ? assumed : Math.max(0, ...sizes)
  }
  return { items: constantUnlessVariable(node, items), sizedFields: stringList(directive['sizedFields']) }
}

/** The cost of a field's arguments, by the values that they have. */
export function argumentsCostOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): (variables: Variables) => number {
  if (field.args.length === 0) return () => 0
  return constantUnlessVariable(node, (variables) => {
    const values = getArgumentValues(field, node, variables)
    return sum(field.args, (argument) => costOfInput(argument, values[argument.name]))
  })
}

/** An input object costs 1 or its `@cost`, and its fields; a list costs what its items do; a scalar its `@cost`. */
function costOfInput(definition: GraphQLArgument | GraphQLInputField, value: unknown): number {
  if (value === null || value === undefined) return 0
  if (Array.isArray(value)) return sum(value, (item: unknown) => costOfInput(definition, item))
  const named = getNamedType(definition.type)
  if (!isInputObjectType(named)) return costDirective(definition) ?? costDirective(named) ?? 0
  const fields = value as Readonly<Record<string, unknown>>
  const own = costDirective(definition) ?? costDirective(named) ?? 1
  return own + sum(Object.values(named.getFields()), (field) => costOfInput(field, fields[field.name]))
}

/** Work done once where no argument is a variable. */
function constantUnlessVariable(
  node: FieldNode,
  compute: (variables: Variables) => number,
): (variables: Variables) => number {
  let usesVariables = false
  for (const argument of node.arguments ?? []) {
    visit(argument.value, {
      Variable: () => {
        usesVariables = true
      },
    })
  }
  if (usesVariables) return compute
  const constant = compute({})
  return () => constant
}

interface WithDirectives {
  readonly astNode?: { readonly directives?: Parameters<typeof readDirectives>[0] | undefined } | null | undefined
}

function costDirective(element: WithDirectives): number | undefined {
  const weight = readDirectives(element.astNode?.directives ?? undefined).find(({ name }) => name === 'cost')
    ?.arguments['weight']
  return typeof weight === 'number' ? weight : undefined
}

function valueAt(values: unknown, path: string): unknown {
  let value = values
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
  return value
}

function stringList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** The sum of a value over items. */
export function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  let total = 0
  for (const item of items) total += value(item)
  return total
}
