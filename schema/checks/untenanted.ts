import { type GraphQLObjectType, type GraphQLSchema, getNamedType, isLeafType, isObjectType } from 'graphql'
import { readDirectives } from '../../kit/access-rule.ts'
import { referenceResolverOf } from '../../kit/shield/guard-tenancy.ts'
import { guardMark } from '../../kit/shield/guard-mark.ts'
import { type Tenancy, tenancyOf } from '../../kit/shield/tenancy.ts'
import { objectTypes } from './unguarded.ts'

/** The fields of documents that say whose they are, by the name of the model; of every collection of a subgraph. */
export type OwnerFields = ReadonlyMap<string, readonly string[]>

/**
 * What is missing to keep one partner's data from another, one line per coordinate. A collection with an owner is
 * partner-owned whatever the SDL says; its type, found by its name, must be marked so. And the guards that a mark makes
 * must be on the schema that runs: on the reference resolver of the type and on every field that answers it.
 */
export function findUntenanted(schema: GraphQLSchema, owners: OwnerFields): string[] {
  const types = objectTypes(schema)
  const marked = new Map(types.map((type) => [type.name, tenancyOf(type)]))
  return types.flatMap((type) => {
    const tenancy = marked.get(type.name) ?? null
    if (tenancy === null) {
      return isEntity(type) || owners.has(type.name)
        ? [`${type.name} does not say whose data it holds: add @tenancy.`]
        : []
    }
    return [
      ...wrongMark(type, tenancy, owners),
      ...(tenancy.kind === 'partner' ? missingGuards(schema, type) : []),
      ...(tenancy.kind === 'reference' ? openReferences(type, marked) : []),
    ]
  })
}

function wrongMark({ name }: GraphQLObjectType, tenancy: Tenancy, owners: OwnerFields): string[] {
  const fields = owners.get(name)
  if (fields === undefined) return []
  if (tenancy.kind === 'reference') return [`${name} has a collection here, so it is no reference: mend its @tenancy.`]
  const named = tenancy.kind === 'partner' ? tenancy.owner : []
  return fields
    .filter((field) => !named.includes(field))
    .map((field) => `${name} is partner-owned by ${field} of its documents, which its @tenancy does not name.`)
}

function missingGuards(schema: GraphQLSchema, type: GraphQLObjectType): string[] {
  const missing: string[] = []
  if (isEntity(type) && !guardMark.has(referenceResolverOf(type), 'tenancy')) {
    missing.push(`${type.name} is resolved by _entities without a look at whose it is.`)
  }
  for (const parent of objectTypes(schema)) {
    for (const field of Object.values(parent.getFields())) {
      if (getNamedType(field.type) !== type || guardMark.has(field.resolve, 'tenancy')) continue
      missing.push(`${parent.name}.${field.name} answers a ${type.name} without a look at whose it is.`)
    }
  }
  return missing
}

/** A reference is anybody's to make up, so what hangs on it must hold types that say whose they are. */
function openReferences(type: GraphQLObjectType, marked: ReadonlyMap<string, Tenancy | null>): string[] {
  return Object.values(type.getFields()).flatMap((field) => {
    const returned = getNamedType(field.type)
    const isKey = field.name === 'id'
    const pages = isObjectType(returned) ? pageOf(returned) : null
    if (isKey || (pages !== null && (marked.get(pages) ?? null) !== null)) return []
    return [`${type.name}.${field.name} hangs on a reference and answers no type with @tenancy.`]
  })
}

/** The type itself, or the one of which it is a page. */
function pageOf(type: GraphQLObjectType): string {
  const nodes = type.name.endsWith('Connection') ? type.getFields()['nodes'] : undefined
  return nodes === undefined || isLeafType(getNamedType(nodes.type)) ? type.name : getNamedType(nodes.type).name
}

/** Whether `_entities` resolves it: it has a key that is not `resolvable: false`. */
function isEntity(type: GraphQLObjectType): boolean {
  return [type.astNode, ...type.extensionASTNodes]
    .flatMap((node) => readDirectives(node?.directives))
    .some(({ name, arguments: { resolvable } }) => name === 'key' && resolvable !== false)
}
