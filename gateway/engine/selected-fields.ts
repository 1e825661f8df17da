import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  Kind,
  type SelectionSetNode,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
} from 'graphql'
import { type Condition, anyOccurrence, conditionOf } from '../operation/condition.ts'
import { deferLabel } from '../operation/deferred-fragments.ts'
import type { DataObject } from './data.ts'
import { matchesType } from './representation.ts'

/** A field of the answer: from which key it comes, how it must look, and what is selected below it. */
export interface SelectedField {
  readonly responseKey: string
  /** Null for `__typename`, whose value is known without any data. */
  readonly type: GraphQLOutputType | null
  /** Whether it is asked for, by the variables; null when it always is. */
  readonly included: Condition | null
  readonly selection: Selection | null
}

/** A fragment that is deferred, on objects of one type. */
export interface DeferredSelection {
  readonly label: string
  readonly selection: Selection
}

const none: readonly DeferredSelection[] = []

/** What is selected on a type; the fields are worked out per object type, on first use. */
export class Selection {
  readonly schema: GraphQLSchema
  readonly type: GraphQLCompositeType
  readonly #sets: readonly SelectionSetNode[]
  readonly #deferring: boolean
  readonly #fields = new Map<string, readonly SelectedField[]>()
  readonly #deferred = new Map<string, readonly DeferredSelection[]>()

  /** `deferring` leaves fragments with `@defer` to `deferredFor`; else they are fragments like any other. */
  constructor(schema: GraphQLSchema, type: GraphQLCompositeType, sets: readonly SelectionSetNode[], deferring = false) {
    this.schema = schema
    this.type = type
    this.#sets = sets
    this.#deferring = deferring
  }

  /**
   * The type of some data: the only possible one, or what its `__typename` says. The interface itself where that was
   * not fetched, which planners do where it makes no difference, and for an interface object. Null for a type that the
   * API schema does not have: for clients it is not there.
   */
  typeNameOf(data: Readonly<DataObject>): string | null {
    const { type } = this
    if (isObjectType(type)) return type.name
    const name = data['__typename']
    if (name === undefined || name === type.name) return isInterfaceType(type) ? type.name : null
    return typeof name === 'string' && isObjectType(this.schema.getType(name)) ? name : null
  }

  fieldsFor(typeName: string): readonly SelectedField[] {
    let fields = this.#fields.get(typeName)
    if (fields === undefined) {
      fields = this.#collect(typeName)
      this.#fields.set(typeName, fields)
    }
    return fields
  }

  /** What of an object of this type is answered later. */
  deferredFor(typeName: string): readonly DeferredSelection[] {
    if (!this.#deferring) return none
    this.fieldsFor(typeName)
    return this.#deferred.get(typeName) ?? none
  }

  #collect(typeName: string): readonly SelectedField[] {
    const type = this.schema.getType(typeName)
    if (!isObjectType(type) && !isInterfaceType(type)) return []
    const deferred: DeferredSelection[] = []
    const nodes = new Map<string, { node: FieldNode; conditions: Condition[] }[]>()
    const visitSet = (set: SelectionSetNode, conditions: readonly Condition[]): void => {
      for (const selection of set.selections) {
        const own = conditionOf(selection.directives)
        const all = own === null ? conditions : [...conditions, own]
        if (selection.kind === Kind.FRAGMENT_SPREAD) throw new Error('fragments must be inlined before projection')
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          const condition = selection.typeCondition?.name.value
          if (condition !== undefined && !matchesType(this.schema, condition, typeName)) continue
          const label = this.#deferring ? deferLabel(selection) : null
          if (label === null) visitSet(selection.selectionSet, all)
          else deferred.push({ label, selection: new Selection(this.schema, type, [selection.selectionSet], true) })
          continue
        }
        const key = selection.alias?.value ?? selection.name.value
        nodes.set(key, [...(nodes.get(key) ?? []), { node: selection, conditions: [...all] }])
      }
    }
    for (const set of this.#sets) visitSet(set, [])
    if (deferred.length > 0) this.#deferred.set(typeName, deferred)
    return [...nodes].flatMap(([responseKey, found]): SelectedField[] => {
      const name = found[0]?.node.name.value ?? responseKey
      const returned = name === '__typename' ? null : type.getFields()[name]?.type
      if (returned === undefined) return []
      const always = found.some(({ conditions }) => conditions.length === 0)
      const included = always ? null : anyOccurrence(found.map(({ conditions }) => conditions))
      if (returned === null) return [{ responseKey, type: null, included, selection: null }]
      const named = getNamedType(returned)
      const sets = found.flatMap(({ node }) => (node.selectionSet ? [node.selectionSet] : []))
      const selection = isCompositeType(named) ? new Selection(this.schema, named, sets, this.#deferring) : null
      return [{ responseKey, type: returned, included, selection }]
    })
  }
}
