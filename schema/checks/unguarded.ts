import { type GraphQLObjectType, type GraphQLSchema, isObjectType } from 'graphql'
import { fieldRule, isOpen } from '../../kit/access-rule.ts'
import { guardMark } from '../../kit/shield/guard-mark.ts'

/**
 * Coordinates of the schema that runs whose rule nobody enforces: a resolver without shield's guard, or the `subscribe`
 * phase of a subscription, which is guarded by itself (graphql-middleware skips it).
 */
export function findUnshielded(schema: GraphQLSchema): string[] {
  return objectTypes(schema).flatMap((type) =>
    Object.values(type.getFields()).flatMap((field) => {
      if (isOpen(fieldRule(schema, type, field.name))) return []
      const at = `${type.name}.${field.name}`
      const isSubscription = type === schema.getSubscriptionType()
      return [
        ...(guardMark.has(field.resolve, 'shield') ? [] : [at]),
        ...(!isSubscription || guardMark.has(field.subscribe, 'shield') ? [] : [`${at} (subscribe)`]),
      ]
    }),
  )
}

/** The object types of a subgraph that are its own, without those of GraphQL and federation. */
export function objectTypes(schema: GraphQLSchema): GraphQLObjectType[] {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('_'))
}
