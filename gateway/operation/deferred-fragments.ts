import {
  type DirectiveNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql'
import type { Variables } from '../request.ts'

/** An operation whose deferred fragments have labels of our own, each another one. */
export interface LabelledOperation {
  readonly operation: OperationDefinitionNode
  /** The client's labels by ours; undefined where it gave none. */
  readonly labels: ReadonlyMap<string, string | undefined>
}

/**
 * Gives each `@defer` of an operation a label of our own: the client's are optional, and a fragment that is spread twice
 * has one label in two places. Null when nothing is deferred. Its fragments must be inlined.
 */
export function labelDeferred(operation: OperationDefinitionNode): LabelledOperation | null {
  const labels = new Map<string, string | undefined>()
  const labelled = visit(operation, {
    Directive(directive): DirectiveNode | undefined {
      if (!isDefer(directive)) return undefined
      const { value } = directive.arguments?.find(({ name }) => name.value === 'label') ?? {}
      const label = `d${labels.size}`
      labels.set(label, value?.kind === Kind.STRING ? value.value : undefined)
      const others = directive.arguments?.filter(({ name }) => name.value !== 'label') ?? []
      return { ...directive, arguments: [labelArgument(label), ...others] }
    },
  })
  return labels.size === 0 ? null : { operation: labelled, labels }
}

/** The variables that the `@defer`s of an operation ask. */
export function deferVariables(operation: OperationDefinitionNode): readonly string[] {
  const found = new Set<string>()
  visit(operation, {
    Directive(directive) {
      const condition = isDefer(directive) ? conditionIn(directive) : undefined
      if (condition?.kind === Kind.VARIABLE) found.add(condition.name.value)
    },
  })
  return [...found].toSorted()
}

/** The operation with `@defer` where it is to be deferred with these variables, without condition, and nowhere else. */
export function settleDeferred(operation: OperationDefinitionNode, variables: Variables): OperationDefinitionNode {
  return visit(operation, {
    Directive(directive): DirectiveNode | null | undefined {
      if (!isDefer(directive)) return undefined
      if (!isMet(directive, variables)) return null
      return { ...directive, arguments: directive.arguments?.filter(({ name }) => name.value !== 'if') ?? [] }
    },
  })
}

/** The same operation with nothing deferred. */
export function withoutDefer(operation: OperationDefinitionNode): OperationDefinitionNode {
  return visit(operation, { Directive: (directive) => (isDefer(directive) ? null : undefined) })
}

/** What of a settled operation is answered at once. */
export function withoutDeferred(operation: OperationDefinitionNode): OperationDefinitionNode {
  const keep = (set: SelectionSetNode): SelectionSetNode => ({
    ...set,
    selections: set.selections.flatMap((selection): SelectionNode[] => {
      if (deferLabel(selection) !== null) return []
      if (selection.kind === Kind.FRAGMENT_SPREAD || !selection.selectionSet) return [selection]
      return [{ ...selection, selectionSet: keep(selection.selectionSet) }]
    }),
  })
  return { ...operation, selectionSet: keep(operation.selectionSet) }
}

/** Our label of a fragment that is deferred; null for what is not. */
export function deferLabel({ kind, directives }: SelectionNode): string | null {
  if (kind === Kind.FIELD) return null
  const label = directives?.find(isDefer)?.arguments?.find(({ name }) => name.value === 'label')?.value
  return label?.kind === Kind.STRING ? label.value : null
}

/** Whether anything of an operation is deferred. */
export function hasDefer(operation: OperationDefinitionNode): boolean {
  let found = false
  visit(operation, {
    Directive(directive) {
      found ||= isDefer(directive)
    },
  })
  return found
}

export function isDefer({ name }: DirectiveNode): boolean {
  return name.value === 'defer'
}

function conditionIn(directive: DirectiveNode) {
  return directive.arguments?.find(({ name }) => name.value === 'if')?.value
}

/** True unless it is said otherwise; a variable that was not given takes the argument's default. */
function isMet(directive: DirectiveNode, variables: Variables): boolean {
  const condition = conditionIn(directive)
  if (condition === undefined) return true
  if (condition.kind !== Kind.VARIABLE) return condition.kind === Kind.BOOLEAN && condition.value
  const value = variables[condition.name.value]
  return value === undefined || value === true
}

function labelArgument(label: string): NonNullable<DirectiveNode['arguments']>[number] {
  return {
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: 'label' },
    value: { kind: Kind.STRING, value: label },
  }
}
