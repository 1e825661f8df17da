import {
  type ConstDirectiveNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  valueFromASTUntyped,
} from 'graphql'
import type { Caller } from './caller.ts'

/**
 * What a field asks of its caller, from `@authenticated` and `@requiresScopes(scopes: [[a, b], [c]])`:
 * with scopes, (a and b) or c. An empty list of alternatives asks for no scope.
 */
export interface AccessRule {
  readonly authenticated: boolean
  readonly scopes: readonly (readonly string[])[]
}

export const openRule: AccessRule = { authenticated: false, scopes: [] }

/** Whether a caller (null: none) satisfies a rule. */
export function allows(rule: AccessRule, caller: Pick<Caller, 'scopes'> | null): boolean {
  if (isOpen(rule)) return true
  if (caller === null) return false
  return rule.scopes.length === 0 || rule.scopes.some((all) => all.every((scope) => caller.scopes.includes(scope)))
}

/** True when a rule asks for nothing. */
export function isOpen(rule: AccessRule): boolean {
  return !rule.authenticated && rule.scopes.length === 0
}

/** Both rules at once. Alternatives multiply: (a or b) and (c or d) is ac, ad, bc or bd. */
export function bothRules(a: AccessRule, b: AccessRule): AccessRule {
  const scopes =
    a.scopes.length === 0
      ? b.scopes
      : b.scopes.length === 0
        ? a.scopes
        : withoutNeedless(
            a.scopes.flatMap((left) => b.scopes.map((right) => [...new Set([...left, ...right])].toSorted())),
          )
  return { authenticated: a.authenticated || b.authenticated, scopes }
}

/** Whether some scopes that satisfy a rule do not satisfy the other: `before` let somebody in whom `after` keeps out. */
export function isNarrower(before: AccessRule, after: AccessRule): boolean {
  const passing = before.scopes.length === 0 ? [[]] : before.scopes
  return after.scopes.length > 0 && passing.some((scopes) => !allows(after, { scopes }))
}

/** Leaves out alternatives that ask for all of another one and for more: a or (a and b) is a. */
function withoutNeedless(alternatives: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return alternatives.filter(
    (one, place) =>
      !alternatives.some(
        (other, otherPlace) =>
          otherPlace !== place && asksForAll(one, other) && (!asksForAll(other, one) || otherPlace < place),
      ),
  )
}

function asksForAll(one: readonly string[], other: readonly string[]): boolean {
  return other.every((scope) => one.includes(scope))
}

/** A text that is equal for equal rules: the key of a verdict. */
export function ruleKey(rule: AccessRule): string {
  return `${rule.authenticated ? 'authenticated' : 'open'}:${rule.scopes.map((all) => all.join('+')).join('|')}`
}

/** The rule that an element's directives state, from the names and arguments of the federation specification. */
export function ruleFromDirectives(
  directives: Iterable<{ readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }>,
): AccessRule {
  let rule = openRule
  for (const directive of directives) {
    if (directive.name === 'authenticated') rule = bothRules(rule, { authenticated: true, scopes: [] })
    if (directive.name === 'requiresScopes') {
      const scopes = directive.arguments['scopes']
      if (!isScopeAlternatives(scopes)) throw new Error('@requiresScopes(scopes:) must be a list of lists of strings')
      rule = bothRules(rule, { authenticated: true, scopes })
    }
  }
  return rule
}

/** The whole rule of `type.field` in a schema with directives: the field's own, its type's and its return type's. */
export function fieldRule(schema: GraphQLSchema, type: GraphQLObjectType, fieldName: string): AccessRule {
  const field = type.getFields()[fieldName]
  if (field === undefined) throw new Error(`no field ${type.name}.${fieldName}`)
  const own = ruleFromDirectives(readDirectives(field.astNode?.directives))
  const returned = schema.getType(getNamedType(field.type).name)
  return bothRules(bothRules(own, typeRule(type)), isObjectType(returned) ? typeRule(returned) : openRule)
}

/** What a type asks of who reaches it, by whatever field. */
export function typeRule(type: GraphQLNamedType): AccessRule {
  const nodes = [type.astNode, ...type.extensionASTNodes]
  return ruleFromDirectives(nodes.flatMap((node) => [...readDirectives(node?.directives)]))
}

/** Directives of an AST node by name, with their arguments as plain values. */
export function readDirectives(
  nodes: readonly ConstDirectiveNode[] | undefined,
): { name: string; arguments: Record<string, unknown> }[] {
  return (nodes ?? []).map((node) => ({
    // A subgraph that imports nothing from the federation specification writes `@federation__authenticated`.
    name: node.name.value.replace(/^federation__/, ''),
    arguments: Object.fromEntries(
      (node.arguments ?? []).map((arg) => [arg.name.value, valueFromASTUntyped(arg.value)]),
    ),
  }))
}

function isScopeAlternatives(value: unknown): value is string[][] {
  return (
    Array.isArray(value) && value.every((all) => Array.isArray(all) && all.every((scope) => typeof scope === 'string'))
  )
}
