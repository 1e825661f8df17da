import {
  type ConstDirectiveNode,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  valueFromASTUntyped,
} from 'graphql'
import { type AccessRule, allows, fieldRule } from '../../kit/access-rule.ts'
import type { ContractRule } from '../../kit/contracts.ts'

/** Anything of a schema that can be tagged. */
export interface Taggable {
  readonly directives?: readonly ConstDirectiveNode[] | undefined
}

/** Whether a rule names an element, or the type that it is of, as not to be shown. */
export function isExcluded(rule: ContractRule, ...elements: readonly Taggable[]): boolean {
  return elements.some((element) => tagsOf(element).some((tag) => rule.exclude.includes(tag)))
}

/** Whether an element is among those that a rule shows: all of them, unless the rule says which. */
export function isIncluded(rule: ContractRule, ...elements: readonly Taggable[]): boolean {
  return (
    rule.include.length === 0 || elements.some((element) => tagsOf(element).some((tag) => rule.include.includes(tag)))
  )
}

/** Whether something is hidden from every client already. */
export function isInaccessible({ directives = [] }: Taggable): boolean {
  return directives.some(({ name }) => name.value === 'inaccessible')
}

function tagsOf({ directives = [] }: Taggable): string[] {
  return directives
    .filter(({ name }) => name.value === 'tag')
    .flatMap((tag) => (tag.arguments ?? []).map(({ value }) => String(valueFromASTUntyped(value))))
}

/**
 * Tells which fields nobody may ask for who has every scope but those that the rule excludes. A field of an interface
 * counts as one of every object behind it.
 */
export function createScopeFilter(
  supergraph: GraphQLSchema,
  { excludeScopes }: ContractRule,
): (typeName: string, field: string) => boolean {
  if (excludeScopes.length === 0) return () => false
  const rulesOf = (typeName: string, field: string): AccessRule[] => {
    const type = supergraph.getType(typeName)
    if (isObjectType(type)) return [fieldRule(supergraph, type, field)]
    return isInterfaceType(type)
      ? supergraph.getPossibleTypes(type).map((possible) => fieldRule(supergraph, possible, field))
      : []
  }
  return (typeName, field) =>
    rulesOf(typeName, field).some((rule) => {
      const held = rule.scopes.flat().filter((scope) => !excludeScopes.includes(scope))
      return !allows(rule, { scopes: held })
    })
}
