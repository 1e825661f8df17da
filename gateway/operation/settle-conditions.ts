import {
  type DirectiveNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql'
import type { Variables } from '../request.ts'
import { conditionOf } from './condition.ts'

/** The variables that `@skip` and `@include` of an operation ask, in order of their names. */
export function conditionVariables(operation: OperationDefinitionNode): readonly string[] {
  const found = new Set<string>()
  visit(operation, {
    Directive(directive) {
      if (!isCondition(directive)) return
      for (const { value } of directive.arguments ?? []) if (value.kind === Kind.VARIABLE) found.add(value.name.value)
    },
  })
  return [...found].toSorted()
}

/**
 * The operation as it is with these variables: without what is skipped, and without conditions. Null when nothing is
 * left of it. Its fragments must be inlined. An object of which nothing is asked is answered all the same: `empty` is
 * what is selected of it then.
 */
export function settleConditions(
  operation: OperationDefinitionNode,
  variables: Variables,
  empty: SelectionSetNode = typenameOnly,
): OperationDefinitionNode | null {
  const selectionSet = settleSet(operation.selectionSet, variables, empty)
  return selectionSet && { ...operation, selectionSet }
}

function settleSet(set: SelectionSetNode, variables: Variables, empty: SelectionSetNode): SelectionSetNode | null {
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    const condition = conditionOf(selection.directives)
    if (condition !== null && !condition(variables)) return []
    const directives = selection.directives?.filter((directive) => !isCondition(directive)) ?? []
    if (selection.kind === Kind.FIELD) return [settleField({ ...selection, directives }, variables, empty)]
    if (selection.kind === Kind.FRAGMENT_SPREAD) throw new Error('fragments must be inlined first')
    const inner = settleSet(selection.selectionSet, variables, empty)
    return inner ? [{ ...selection, directives, selectionSet: inner }] : []
  })
  return selections.length === 0 ? null : { ...set, selections }
}

function settleField(field: FieldNode, variables: Variables, empty: SelectionSetNode): FieldNode {
  if (!field.selectionSet) return field
  return { ...field, selectionSet: settleSet(field.selectionSet, variables, empty) ?? empty }
}

const typenameOnly: SelectionSetNode = {
  kind: Kind.SELECTION_SET,
  selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }],
}

function isCondition({ name }: DirectiveNode): boolean {
  return name.value === 'skip' || name.value === 'include'
}
