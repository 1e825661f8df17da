import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql'
import { type AccessRule, allows, fieldRule, isOpen } from '../../kit/access-rule.ts'
import type { Caller } from '../../kit/caller.ts'

/** The access rules of one supergraph by coordinate; worked out on first use and kept. */
export interface FieldRules {
  /** The rule of a field that the caller does not satisfy; undefined when the caller may ask for it. */
  denying(typeName: string, field: string, caller: Pick<Caller, 'scopes'>): AccessRule | undefined
}

/** Reads rules from the supergraph's directives, the same that subgraphs' shields have. */
export function createFieldRules(supergraph: GraphQLSchema): FieldRules {
  const known = new Map<string, readonly AccessRule[]>()

  /** A field of an abstract type is seen only by those who may see it on every object behind it. */
  const rulesOf = (typeName: string, field: string): readonly AccessRule[] => {
    const type = supergraph.getType(typeName)
    if (isObjectType(type)) return [fieldRule(supergraph, type, field)]
    if (!isInterfaceType(type)) return []
    return supergraph.getPossibleTypes(type).map((possible) => fieldRule(supergraph, possible, field))
  }

  return {
    denying(typeName, field, caller) {
      const coordinate = `${typeName}.${field}`
      let rules = known.get(coordinate)
      if (rules === undefined) {
        rules = rulesOf(typeName, field).filter((rule) => !isOpen(rule))
        known.set(coordinate, rules)
      }
      return rules.find((rule) => !allows(rule, caller))
    },
  }
}
