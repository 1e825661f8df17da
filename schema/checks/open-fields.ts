import { type GraphQLSchema, isObjectType } from 'graphql'
import { fieldRule, isOpen } from '../../kit/access-rule.ts'

/** Federation's own: the gateway alone reaches them, and what they return has rules of its own. */
const exempt = new Set(['_Service', '_Entity'])
const exemptFields = new Set(['_service', '_entities'])

/** Coordinates of fields that anybody could read, because neither they nor their types carry an access rule. */
export function findOpenFields(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('__') && !exempt.has(name))
    .flatMap((type) =>
      Object.keys(type.getFields())
        .filter((field) => !exemptFields.has(field) && isOpen(fieldRule(schema, type, field)))
        .map((field) => `${type.name}.${field}`),
    )
}
