import { type Change, diff } from '@graphql-inspector/core'
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql'
import type { SchemaChange } from '../../kit/schema-workshop.ts'

const criticalities = { BREAKING: 'BREAKING', DANGEROUS: 'DANGEROUS', NON_BREAKING: 'SAFE' } as const

/** How two versions of what clients see differ; what breaks first. Descriptions are left out. */
export async function compareSchemas(before: GraphQLSchema, after: GraphQLSchema): Promise<SchemaChange[]> {
  const changes = await diff(before, after)
  return changes
    .filter(({ type }) => !/DESCRIPTION|DIRECTIVE_USAGE/.test(String(type)))
    .map((change) => {
      const criticality = criticalities[change.criticality.level]
      return {
        criticality,
        kind: String(change.type),
        message: change.message,
        coordinate: change.path ?? null,
        usedBy: criticality === 'SAFE' ? [] : usedCoordinates(change, before),
      }
    })
    .toSorted((a, b) => order.indexOf(a.criticality) - order.indexOf(b.criticality))
}

const order = ['BREAKING', 'DANGEROUS', 'SAFE']

/** The coordinates by which usage tells who would notice: fields as `Type.field`, arguments as `Type.field(argument:)`. */
function usedCoordinates({ path, type }: Change, schema: GraphQLSchema): string[] {
  const [typeName = '', member, argument] = (path ?? '').split('.')
  const named = schema.getType(typeName)
  if (named === undefined) return []
  if ((isObjectType(named) || isInterfaceType(named)) && member !== undefined) {
    const field = named.getFields()[member]
    if (field === undefined) return []
    const at = `${typeName}.${member}`
    // A new required argument fails whoever leaves it out, which is everybody so far.
    const known = argument !== undefined && field.args.some(({ name }) => name === argument)
    return [known && type !== 'FIELD_ARGUMENT_ADDED' ? `${at}(${argument}:)` : at]
  }
  return coordinatesOfType(named, schema)
}

/** Where a type is answered or taken, which is where enum values, members of unions and input fields are met. */
function coordinatesOfType(type: GraphQLNamedType, schema: GraphQLSchema): string[] {
  const taken = isInputObjectType(type) ? withContainers(type, schema) : new Set([type.name])
  const found: string[] = []
  for (const parent of Object.values(schema.getTypeMap())) {
    if (parent.name.startsWith('__') || !(isObjectType(parent) || isInterfaceType(parent))) continue
    for (const field of Object.values(parent.getFields())) {
      const at = `${parent.name}.${field.name}`
      if (parent === type || taken.has(getNamedType(field.type).name)) found.push(at)
      for (const argument of field.args) {
        if (taken.has(getNamedType(argument.type).name)) found.push(`${at}(${argument.name}:)`)
      }
    }
  }
  return found
}

/** An input type and all that hold it, however deep. */
function withContainers(type: GraphQLNamedType, schema: GraphQLSchema): ReadonlySet<string> {
  const found = new Set([type.name])
  const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType)
  for (let size = 0; size < found.size;) {
    size = found.size
    for (const input of inputs) {
      if (Object.values(input.getFields()).some((field) => found.has(getNamedType(field.type).name))) {
        found.add(input.name)
      }
    }
  }
  return found
}
