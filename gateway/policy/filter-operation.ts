import {
  type FieldNode,
  type GraphQLSchema,
  type InlineFragmentNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
} from 'graphql'
import type { AccessRule } from '../../kit/access-rule.ts'
import type { Caller } from '../../kit/caller.ts'
import { CodedError } from '../../kit/errors.ts'
import { type Condition, anyOccurrence, conditionOf } from '../operation/condition.ts'
import type { RunningBrownout, RunningBrownouts } from '../operation/deprecations.ts'
import { createFieldRules } from './field-rules.ts'

/** A field that the caller may not see, or that nobody sees now, at its place in the answer (list positions left out). */
export interface Denial {
  readonly path: readonly string[]
  readonly coordinate: string
  /** What keeps it from the caller: a rule that the caller does not satisfy, or a brownout. */
  readonly rule: AccessRule | RunningBrownout
  /** Whether the operation asks for the field at all, by its `@skip` and `@include`. */
  readonly asked: Condition
}

/** A place in the operation: the response path to it, and the conditions on the way. */
interface Place {
  readonly path: readonly string[]
  readonly conditions: readonly Condition[]
}

export interface FilteredOperation {
  /** What is left to plan and fetch; null when nothing is. */
  readonly operation: OperationDefinitionNode | null
  readonly denials: readonly Denial[]
}

/** Decides per coordinate of one supergraph; rules are worked out on first use and kept. */
export interface FieldPolicy {
  filter(operation: OperationDefinitionNode, caller: Caller, brownouts?: RunningBrownouts): FilteredOperation
}

const typenameOnly: SelectionSetNode = {
  kind: Kind.SELECTION_SET,
  selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }],
}

/**
 * Drops the fields that a caller may not see before planning, so that no fetch is made for them. The operation must
 * have its fragments inlined. Rules come from the supergraph's directives, the same that subgraphs' shields have.
 */
export function createFieldPolicy(supergraph: GraphQLSchema): FieldPolicy {
  const rules = createFieldRules(supergraph)

  return {
    filter(operation, caller, brownouts) {
      const denied = new Map<string, Omit<Denial, 'asked'> & { readonly occurrences: (readonly Condition[])[] }>()
      const rootType = supergraph.getRootType(operation.operation)
      if (!rootType) throw new Error(`the supergraph has no ${operation.operation} type`)
      const filterSet = (set: SelectionSetNode, typeName: string, place: Place): SelectionSetNode | null => {
        const selections = set.selections
          .map((selection) =>
            selection.kind === Kind.FIELD
              ? filterField(selection, typeName, place)
              : selection.kind === Kind.INLINE_FRAGMENT
                ? filterFragment(selection, typeName, place)
                : notInlined(),
          )
          .filter((selection) => selection !== null)
        return selections.length === 0 ? null : { ...set, selections }
      }
      const filterFragment = (fragment: InlineFragmentNode, typeName: string, place: Place): SelectionNode | null => {
        const condition = fragment.typeCondition?.name.value ?? typeName
        const selectionSet = filterSet(fragment.selectionSet, condition, within(place, fragment))
        return selectionSet && { ...fragment, selectionSet }
      }
      const filterField = (field: FieldNode, typeName: string, place: Place): FieldNode | null => {
        const name = field.name.value
        if (name.startsWith('__')) return field
        const inside = within(place, field)
        const rule = rules.denying(typeName, name, caller) ?? brownoutOf(typeName, field, brownouts)
        if (rule) {
          const key = inside.path.join('.')
          const coordinate = `${typeName}.${name}`
          const known = denied.get(key) ?? { path: inside.path, coordinate, rule, occurrences: [] }
          known.occurrences.push(inside.conditions)
          denied.set(key, known)
          return null
        }
        if (!field.selectionSet) return field
        const inner = filterSet(field.selectionSet, returnedTypeName(supergraph, typeName, name), inside)
        // The object is still fetched when all of its fields are denied: whether it exists is not denied.
        return { ...field, selectionSet: inner ?? typenameOnly }
      }
      const selectionSet = filterSet(operation.selectionSet, rootType.name, { path: [], conditions: [] })
      return {
        operation: selectionSet && { ...operation, selectionSet },
        denials: [...denied.values()].map(({ occurrences, ...denial }) => ({
          ...denial,
          asked: anyOccurrence(occurrences),
        })),
      }
    },
  }
}

function within(place: Place, selection: FieldNode | InlineFragmentNode): Place {
  const condition = conditionOf(selection.directives)
  return {
    path: selection.kind === Kind.FIELD ? [...place.path, selection.alias?.value ?? selection.name.value] : place.path,
    conditions: condition === null ? place.conditions : [...place.conditions, condition],
  }
}

/** The brownout of a field, or of an argument that is given to it. */
function brownoutOf(
  typeName: string,
  { name, arguments: given = [] }: FieldNode,
  brownouts: RunningBrownouts | undefined,
): RunningBrownout | undefined {
  if (brownouts === undefined || brownouts.size === 0) return undefined
  const coordinate = `${typeName}.${name.value}`
  const coordinates = [coordinate, ...given.map((argument) => `${coordinate}(${argument.name.value}:)`)]
  return coordinates.map((one) => brownouts.get(one)).find((brownout) => brownout !== undefined)
}

/** The coded error of a denial: what is missing, never why the field exists. */
export function denialError(denial: Denial): CodedError {
  const { coordinate, path, rule } = denial
  if ('until' in rule) {
    const { until, sunset, replacement } = rule
    const message = `${rule.coordinate} goes away, and does not answer until ${until} so that whoever uses it notices.`
    return new CodedError('SUNSET_BROWNOUT', message, { coordinate: rule.coordinate, until, sunset, replacement }, path)
  }
  const details = { coordinate, requiredScopes: rule.scopes }
  return new CodedError('FORBIDDEN', `Your app lacks a scope that ${coordinate} requires.`, details, path)
}

function returnedTypeName(schema: GraphQLSchema, typeName: string, fieldName: string): string {
  const type = schema.getType(typeName)
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined
  if (field === undefined) throw new Error(`no field ${typeName}.${fieldName} in a validated operation`)
  const named = getNamedType(field.type)
  if (!isObjectType(named) && !isAbstractType(named)) throw new Error(`${typeName}.${fieldName} has no fields`)
  return named.name
}

function notInlined(): never {
  throw new Error('fragments must be inlined before the policy filter')
}
