import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  isInterfaceType,
} from 'graphql'
import { conditionOf } from '../operation/condition.ts'
import type { Variables } from '../request.ts'
import { argumentsCostOf, listSizeOf, sum, unboundedListSize, weightOf } from './field-costs.ts'

/** What any operation costs at least, so that nothing is free. */
const minimumCost = 1
const mutationCost = 10
/** Points of one `__schema` or `__type`, whatever is selected below it: answering it is the gateway's own work. */
const introspectionCost = 100

/** What one field of an operation adds, and what its selection adds. */
interface CostNode {
  readonly responseKey: string
  /** Where it stands in the answer, list positions left out. */
  readonly path: string
  readonly coordinate: string
  /** Per object or value: the `@cost` of the field or its type, else 1 for objects and 0 for scalars and enums. */
  readonly weight: number
  readonly argumentsCost: (variables: Variables) => number
  /** Items that are expected; 1 for what is no list. */
  readonly size: (variables: Variables) => number
  readonly included: (variables: Variables) => boolean
  readonly children: readonly CostNode[]
  /** True when it costs nothing, whatever it answers. */
  readonly isFree: boolean
}

export interface FieldCost {
  readonly path: string
  readonly coordinate: string
  readonly cost: number
}

/**
 * The cost of one operation after the published cost specification as Apollo implements it: an object costs 1, a
 * scalar or enum 0, a mutation 10; lists multiply; `@cost` and `@listSize` override. Every occurrence of a field
 * counts: repeated, aliased and spread ones too.
 */
export interface CostModel {
  /** Points before anything is fetched; an upper bound as far as `@listSize` tells the truth. */
  estimate(variables: Variables): number
  /** Points of an answer: lists count the items that came. More than the estimate where `@listSize` was wrong. */
  actual(data: unknown, variables: Variables): number
  /** The fields that add most to the estimate, dearest first. */
  dearest(variables: Variables, most: number): FieldCost[]
  /** How often the operation asks for a field; one of a list's items counts once. */
  timesAsked(coordinate: string, variables: Variables): number
}

/** Compiles the cost of an operation whose fragments are inlined, from what policy allowed of it. */
export function createCostModel(
  supergraph: GraphQLSchema,
  {
    allowed: operation,
    introspection,
  }: { readonly allowed: OperationDefinitionNode; readonly introspection: OperationDefinitionNode | null },
): CostModel {
  const rootType = supergraph.getRootType(operation.operation)
  if (!rootType) throw new Error(`the supergraph has no ${operation.operation} type`)
  const root = { set: operation.selectionSet, type: rootType, sized: null, included: always, path: '' }
  const nodes = compileSet(supergraph, root)
  const base =
    (operation.operation === OperationTypeNode.MUTATION ? mutationCost : 0) +
    introspectionCost * (introspection ? countFields(introspection.selectionSet) : 0)
  // Most plans limit no fields.
  let occurrences: ReturnType<typeof occurrencesOf> | undefined
  const estimate = (variables: Variables): number => Math.max(minimumCost, base + estimateNodes(nodes, variables))
  return {
    estimate,
    actual: (data, variables) => Math.max(minimumCost, base + actualNodes(nodes, data, variables)),
    dearest(variables, most) {
      const costs: FieldCost[] = []
      reportNodes(nodes, variables, { times: 1, report: (cost) => costs.push(cost) })
      return costs.toSorted((a, b) => b.cost - a.cost).slice(0, most)
    },
    timesAsked(coordinate, variables) {
      occurrences ??= occurrencesOf(nodes)
      const all = occurrences.get(coordinate) ?? []
      return sum(all, (conditions) => (conditions.every((included) => included(variables)) ? 1 : 0))
    },
  }
}

/** For each coordinate the conditions of each place at which it is asked for. */
function occurrencesOf(nodes: readonly CostNode[]): Map<string, CostNode['included'][][]> {
  const found = new Map<string, CostNode['included'][][]>()
  const visit = (node: CostNode, outer: readonly CostNode['included'][]): void => {
    const conditions = node.included === always ? [...outer] : [...outer, node.included]
    found.set(node.coordinate, [...(found.get(node.coordinate) ?? []), conditions])
    for (const child of node.children) visit(child, conditions)
  }
  for (const node of nodes) visit(node, [])
  return found
}

function estimateNodes(nodes: readonly CostNode[], variables: Variables): number {
  let total = 0
  for (const node of nodes) {
    if (!node.included(variables)) continue
    const size = node.size(variables)
    total += node.argumentsCost(variables) + size * (node.weight + estimateNodes(node.children, variables))
  }
  return total
}

/** What each field adds to an estimate, in all of its occurrences in lists. */
function reportNodes(
  nodes: readonly CostNode[],
  variables: Variables,
  { times, report }: { readonly times: number; readonly report: (cost: FieldCost) => void },
): void {
  for (const node of nodes) {
    if (!node.included(variables)) continue
    const size = node.size(variables)
    const own = node.argumentsCost(variables) + size * node.weight
    if (own > 0) report({ path: node.path, coordinate: node.coordinate, cost: times * own })
    reportNodes(node.children, variables, { times: times * size, report })
  }
}

function actualNodes(nodes: readonly CostNode[], data: unknown, variables: Variables): number {
  if (typeof data !== 'object' || data === null) return 0
  const object = data as Readonly<Record<string, unknown>>
  let total = 0
  for (const node of nodes) {
    // Most fields are scalars for nothing.
    if (node.isFree) continue
    const value = object[node.responseKey]
    if (value === undefined || !node.included(variables)) continue
    total += node.argumentsCost(variables) + actualValue(node, value, variables)
  }
  return total
}

function actualValue(node: CostNode, value: unknown, variables: Variables): number {
  if (value === null) return 0
  if (!Array.isArray(value)) return node.weight + actualNodes(node.children, value, variables)
  let total = 0
  for (const item of value) total += actualValue(node, item, variables)
  return total
}

function countFields(set: SelectionSetNode): number {
  return sum(set.selections, (selection) =>
    selection.kind === Kind.INLINE_FRAGMENT ? countFields(selection.selectionSet) : 1,
  )
}

interface SetToCompile {
  readonly set: SelectionSetNode
  readonly type: GraphQLCompositeType
  /** The size that the parent's `@listSize(sizedFields:)` gives to some of these fields. */
  readonly sized: { readonly fields: readonly string[]; readonly size: (variables: Variables) => number } | null
  readonly included: (variables: Variables) => boolean
  readonly path: string
}

function compileSet(schema: GraphQLSchema, { set, type, sized, included, path }: SetToCompile): CostNode[] {
  return set.selections.flatMap((selection): CostNode[] => {
    const condition = conditionOf(selection.directives)
    const both = condition === null ? included : (variables: Variables) => included(variables) && condition(variables)
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const narrowed = selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : type
      if (!isCompositeType(narrowed)) throw new Error('a fragment on no composite type in a validated operation')
      return compileSet(schema, { set: selection.selectionSet, type: narrowed, sized, included: both, path })
    }
    if (selection.kind === Kind.FRAGMENT_SPREAD) throw new Error('fragments must be inlined before costing')
    if (selection.name.value.startsWith('__')) return []
    return [compileField(schema, selection, { type, sized, included: both, path })]
  })
}

function compileField(
  schema: GraphQLSchema,
  node: FieldNode,
  { type, sized, included, path: parentPath }: Omit<SetToCompile, 'set'>,
): CostNode {
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined
  if (field === undefined) throw new Error(`no field ${type.name}.${node.name.value} in a validated operation`)
  const named = getNamedType(field.type)
  const size = listSizeOf(field, node)
  const inheritedSize = sized?.fields.includes(field.name) ? sized.size : null
  const sizedFields = size?.sizedFields ?? []
  const responseKey = node.alias?.value ?? node.name.value
  const path = parentPath ? `${parentPath}.${responseKey}` : responseKey
  const weight = weightOf(field, named)
  return {
    responseKey,
    path,
    coordinate: `${type.name}.${field.name}`,
    weight,
    argumentsCost: argumentsCostOf(field, node),
    size: isListType(getNullableType(field.type))
      ? (inheritedSize ?? (size && sizedFields.length === 0 ? size.items : () => unboundedListSize))
      : () => 1,
    included,
    isFree: weight === 0 && field.args.length === 0 && !node.selectionSet,
    children:
      node.selectionSet && isCompositeType(named)
        ? compileSet(schema, {
            set: node.selectionSet,
            type: named,
            sized: size && sizedFields.length > 0 ? { fields: sizedFields, size: size.items } : null,
            included: always,
            path,
          })
        : [],
  }
}

function always(): boolean {
  return true
}
