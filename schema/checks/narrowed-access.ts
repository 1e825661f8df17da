import {
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
} from 'graphql'
import { type AccessRule, fieldRule, isNarrower, openRule, typeRule } from '../../kit/access-rule.ts'
import type { NarrowedAccess, SchemaChange } from '../../kit/schema-workshop.ts'

/** What clients see, and the supergraph behind it, on which the access rules are. */
interface Graph {
  readonly api: GraphQLSchema
  readonly supergraph: GraphQLSchema
}

interface Found {
  readonly rules: readonly [before: AccessRule, after: AccessRule]
  readonly access: NarrowedAccess[]
}

/**
 * Access rules that keep out who was let in: no change of what clients see as a whole, and as breaking as a removal for
 * those whom it concerns. The rule of a type is one change, whatever fields are reached through it.
 */
export function narrowedAccess(before: Graph, after: Graph): SchemaChange[] {
  const found = new Map<string, Found>()
  for (const type of Object.values(after.api.getTypeMap())) {
    const then = after.supergraph.getType(type.name)
    if (!isObjectType(type) || !isObjectType(then) || type.name.startsWith('__')) continue
    for (const name of Object.keys(type.getFields())) {
      const rule = fieldRule(after.supergraph, then, name)
      const now = ruleOf(before, type.name, name)
      const noticed = [
        ...(now && isNarrower(now, rule) ? [accessOf(`${type.name}.${name}`, now, rule)] : []),
        ...interfacesBefore(before, type, name).flatMap((one) => {
          const passed = now ?? strictestOf(before, one, name, rule)
          return isNarrower(passed, rule) ? [accessOf(`${one}.${name}`, passed, rule)] : []
        }),
      ]
      if (noticed.length === 0) continue
      const cause = causeOf(before, after, { type: then, name, rules: [now ?? openRule, rule] })
      const known = found.get(cause.coordinate)
      if (known) known.access.push(...noticed)
      else found.set(cause.coordinate, { rules: cause.rules, access: noticed })
    }
  }
  return [...found].map(
    ([
      coordinate,
      {
        rules: [asked, asks],
        access,
      },
    ]) => ({
      criticality: 'BREAKING',
      kind: 'ACCESS_NARROWED',
      message: `Access to '${coordinate}' became narrower: it asked for ${describe(asked)}, and would ask for ${describe(asks)}`,
      coordinate,
      usedBy: [...new Set(access.map((one) => one.coordinate))],
      access,
    }),
  )
}

/** Which rule is to blame: of the type that is answered, of the type that has the field, or of the field itself. */
function causeOf(
  before: Graph,
  after: Graph,
  field: { readonly type: GraphQLObjectType; readonly name: string; readonly rules: Found['rules'] },
): { readonly coordinate: string; readonly rules: Found['rules'] } {
  const answered = getNamedType(field.type.getFields()[field.name]?.type)
  for (const name of [answered?.name, field.type.name]) {
    const [now, then] = [before.supergraph.getType(name ?? ''), after.supergraph.getType(name ?? '')]
    if (!isObjectType(then)) continue
    const rules = [isObjectType(now) ? typeRule(now) : openRule, typeRule(then)] as const
    if (now && isNarrower(...rules)) return { coordinate: then.name, rules }
  }
  return { coordinate: `${field.type.name}.${field.name}`, rules: field.rules }
}

/** The rule of a field that clients see now; null when they see none of that name. */
function ruleOf({ api, supergraph }: Graph, typeName: string, field: string): AccessRule | null {
  const type = supergraph.getType(typeName)
  if (!isObjectType(type) || !hasField(api.getType(typeName), field)) return null
  return fieldRule(supergraph, type, field)
}

/** Interfaces through which clients ask for a field now: whom one of their types keeps out, they keep out. */
function interfacesBefore({ api }: Graph, type: GraphQLObjectType, field: string): string[] {
  return type
    .getInterfaces()
    .map(({ name }) => name)
    .filter((name) => hasField(api.getType(name), field))
}

/** Of a type that joins an interface: what a type that is there already asks for, where that is as much. */
function strictestOf(graph: Graph, interfaceName: string, field: string, rule: AccessRule): AccessRule {
  const type = graph.api.getType(interfaceName)
  const others = isInterfaceType(type) ? graph.api.getPossibleTypes(type) : []
  const rules = others.flatMap((other) => ruleOf(graph, other.name, field) ?? [])
  return rules.find((other) => !isNarrower(other, rule)) ?? openRule
}

function hasField(type: GraphQLNamedType | undefined, field: string): boolean {
  return (isObjectType(type) || isInterfaceType(type)) && type.getFields()[field] !== undefined
}

function accessOf(coordinate: string, before: AccessRule, after: AccessRule): NarrowedAccess {
  return { coordinate, before: before.scopes, after: after.scopes }
}

/** `deals:read and billing:read, or deals:write`. */
function describe({ scopes }: AccessRule): string {
  return scopes.length === 0 ? 'no scope' : scopes.map((all) => all.join(' and ')).join(', or ')
}
